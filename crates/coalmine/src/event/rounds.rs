//! What is said about a canary that was taken more than once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the rounds of a canary ended. Rounds that were skipped or could not be judged count in none of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rounds {
    /// Rounds in which continuity held.
    pub passed: u32,
    /// Rounds that came to a verdict, `passed` or failed.
    pub judged: u32,
    /// Rounds that were asked for.
    pub asked: u32,
    /// The lower end of the interval in which the true rate lies, at a confidence of 95 % (Wilson score interval), from 0
    /// to 1 with four digits.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The least share of `judged` that must have passed, from 0 to 1.
    pub min_pass: f64,
    /// The round, from 1, of which the turns, checks and diagnosis are shown: the first that failed, else the first that
    /// could not be judged, else the first.
    pub shown: u32,
}

impl Rounds {
    /// The share of the judged rounds that passed, from 0 to 1; 0 where none was judged.
    pub fn rate(&self) -> f64 {
        match self.judged {
            0 => 0.0,
            judged => f64::from(self.passed) / f64::from(judged),
        }
    }
}
