//! What the binary prints, with all taken out that differs from run to run.

/// The filters under which a transcript is compared; columns of times keep their width.
pub(crate) fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\b\d{1,3}(\.\d{3})*\b *ms\b", "[time]"),
        (r" +\[time\]", "  [time]"),
        (r"in \d+\.\d+ s\b", "in [time]"),
        (r"seed \d{2,}", "seed [seed]"),
        (r"--seed \d{2,}", "--seed [seed]"),
        (r"127\.0\.0\.1:\d{4,}", "127.0.0.1:[port]"),
        (r"\(\d+ tries\)", "([n] tries)"),
        (r"`seq` \d+", "`seq` [n]"),
    ]
}

/// Compares with an inline snapshot.
macro_rules! assert_shown {
    ($text:expr, @$expected:literal) => {
        insta::with_settings!({ filters => crate::support::filters() }, {
            insta::assert_snapshot!($text, @$expected);
        });
    };
}
pub(crate) use assert_shown;
