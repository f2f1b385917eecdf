//! Snapshots of what the binary prints, without what differs from run to run.

/// Returns the filters that replace times, seeds and ports.
pub(crate) fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\b\d{1,3}(\.\d{3})*\b *ms\b", "[time]"),
        (r" {2,}\d+\.\d+ s\b", "  [time]"),
        (r" +\[time\]", "  [time]"),
        (r"in \d+\.\d+ s\b", "in [time]"),
        (r"seed \d{2,}", "seed [seed]"),
        (r"--seed \d{2,}", "--seed [seed]"),
        (r"127\.0\.0\.1:\d{4,}", "127.0.0.1:[port]"),
        (r"\(\d+ tries\)", "([n] tries)"),
        (r"`seq` \d+", "`seq` [n]"),
    ]
}

/// Compares a text with an inline snapshot.
macro_rules! assert_shown {
    ($text:expr, @$expected:literal) => {
        insta::with_settings!({ filters => crate::support::filters() }, {
            insta::assert_snapshot!($text, @$expected);
        });
    };
}
pub(crate) use assert_shown;
