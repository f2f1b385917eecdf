//! Many rounds of one canary: the verdict on all of them, and what they say of rounds to come.

use crate::event::{Counts, Rounds, Verdict};

/// The quantile of the normal distribution for a confidence of 95 %.
const Z: f64 = 1.96;

/// Returns the verdict on all rounds of a canary: a failure if fewer than `min_pass` of the judged ones passed and those that
/// could not be judged would not have changed that, and an error if they might have.
pub fn verdict(counts: Counts, min_pass: f64) -> Verdict {
    let Counts { pass, fail, error, .. } = counts;
    let reaches = |passed: u32, judged: u32| f64::from(passed) >= min_pass * f64::from(judged) - SLACK;
    match (pass + fail, error) {
        (0, 0) => Verdict::Skip,
        (judged, 0) if reaches(pass, judged) => Verdict::Pass,
        (judged, _) if !reaches(pass + error, judged + error) => Verdict::Fail,
        _ => Verdict::Error,
    }
}

/// The tolerance of the comparison: 19 of 20 reach 0.95, although their quotient is rounded.
const SLACK: f64 = 1e-9;

/// Returns what a report says about the rounds.
pub fn rounds(counts: Counts, asked: u32, min_pass: f64, shown: u32) -> Rounds {
    let judged = counts.pass + counts.fail;
    let (low, high) = wilson(counts.pass, judged);
    let rounded = |share: f64| (share * 10_000.0).round() / 10_000.0;
    Rounds { passed: counts.pass, judged, asked, low: rounded(low), high: rounded(high), min_pass, shown }
}

/// Returns the Wilson score interval of a rate, which contains the true one with a confidence of 95 %. Without any trial it
/// reaches from 0 to 1.
pub fn wilson(passed: u32, judged: u32) -> (f64, f64) {
    if judged == 0 {
        return (0.0, 1.0);
    }
    let n = f64::from(judged);
    let rate = f64::from(passed) / n;
    let scale = 1.0 + Z * Z / n;
    let center = (rate + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((center - half).max(0.0), (center + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_near((low, high): (f64, f64), wanted: (f64, f64)) {
        assert!((low - wanted.0).abs() < 0.0005 && (high - wanted.1).abs() < 0.0005, "{low}..{high}");
    }

    #[test]
    fn the_interval_is_that_of_the_tables() {
        assert_near(wilson(19, 20), (0.764, 0.991));
        assert_near(wilson(20, 20), (0.839, 1.0));
        assert_near(wilson(0, 20), (0.0, 0.161));
        assert_near(wilson(5, 10), (0.237, 0.763));
        assert_near(wilson(1, 1), (0.207, 1.0));
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn more_rounds_make_the_interval_narrower() {
        let width = |n| wilson(n, 2 * n).1 - wilson(n, 2 * n).0;
        assert!(width(1) > width(10) && width(10) > width(500));
    }

    fn counts(pass: u32, fail: u32, error: u32, skip: u32) -> Counts {
        Counts { pass, fail, error, skip, ..Counts::default() }
    }

    #[test]
    fn a_canary_passes_where_enough_of_its_judged_rounds_do() {
        assert_eq!(verdict(counts(20, 0, 0, 0), 1.0), Verdict::Pass);
        assert_eq!(verdict(counts(19, 1, 0, 0), 1.0), Verdict::Fail);
        assert_eq!(verdict(counts(19, 1, 0, 0), 0.95), Verdict::Pass);
        assert_eq!(verdict(counts(18, 2, 0, 0), 0.95), Verdict::Fail);
        for n in 1..=1_000 {
            assert_eq!(verdict(counts(n, 1_000 - n, 0, 0), f64::from(n) / 1_000.0), Verdict::Pass, "{n}");
        }
        assert_eq!(verdict(counts(3, 0, 0, 17), 1.0), Verdict::Pass);
        assert_eq!(verdict(counts(0, 0, 0, 20), 1.0), Verdict::Skip);
    }

    #[test]
    fn what_could_not_be_judged_is_neither_a_pass_nor_a_proof() {
        assert_eq!(verdict(counts(19, 0, 1, 0), 0.5), Verdict::Error);
        assert_eq!(verdict(counts(0, 1, 19, 0), 0.5), Verdict::Error);
        assert_eq!(verdict(counts(0, 11, 9, 0), 0.5), Verdict::Fail);
        assert_eq!(verdict(counts(5, 1, 1, 0), 1.0), Verdict::Fail);
        assert_eq!(verdict(counts(0, 0, 20, 0), 1.0), Verdict::Error);
    }

    #[test]
    fn what_is_reported_has_four_digits() {
        let estimate = rounds(counts(19, 1, 0, 4), 24, 0.95, 7);
        assert_eq!((estimate.passed, estimate.judged, estimate.asked, estimate.shown), (19, 20, 24, 7));
        assert_eq!((estimate.low, estimate.high, estimate.rate()), (0.7639, 0.9911, 0.95));
    }
}
