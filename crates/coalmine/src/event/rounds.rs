//! The outcome of a canary that ran in several rounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of the rounds of a canary. Rounds that were skipped or could not be judged are in neither
/// `passed` nor `judged`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rounds {
    /// The number of rounds that passed.
    pub passed: u32,
    /// The number of rounds that passed or failed.
    pub judged: u32,
    /// The number of rounds that were requested with `--repeat`.
    pub asked: u32,
    /// The lower end of the interval that contains the true rate with a confidence of 95 % (Wilson score
    /// interval), from 0 to 1 with four digits.
    pub low: f64,
    /// The upper end of that interval.
    pub high: f64,
    /// The smallest share of `judged` that must pass (`--min-pass`), above 0 and at most 1.
    pub min_pass: f64,
    /// The number of the round, from 1, whose turns, checks and diagnosis are reported: the first that
    /// failed, or else the first that could not be judged, or else the first.
    pub shown: u32,
}

impl Rounds {
    /// Returns the share of the judged rounds that passed, from 0 to 1; 0 if none was judged.
    pub fn rate(&self) -> f64 {
        match self.judged {
            0 => 0.0,
            judged => f64::from(self.passed) / f64::from(judged),
        }
    }
}
