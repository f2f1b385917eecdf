//! How many canaries ended in which way, in words.

use coalmine::event::Counts;

/// Returns the counts that are not zero: `18 passed, 20 FAILED, 1 skipped`.
pub(crate) fn tally(counts: Counts) -> String {
    let Counts { pass, fail, error, skip, xfail, xpass } = counts;
    let errors = if error == 1 { "error" } else { "errors" };
    let all = [
        (pass, "passed"),
        (fail, "FAILED"),
        (xpass, "PASSED UNEXPECTEDLY"),
        (error, errors),
        (xfail, "failed as expected"),
        (skip, "skipped"),
    ];
    let counted = all.iter().filter(|(count, _)| *count > 0);
    let words: Vec<_> = counted.map(|(count, word)| format!("{count} {word}")).collect();
    if words.is_empty() { "no canary was run".to_owned() } else { words.join(", ") }
}
