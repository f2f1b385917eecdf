//! What a run shows of one canary.

use coalmine::{
    event::{CanaryReport, Code, Rounds, Verdict},
    judge::rounds::wilson,
};

/// What a run shows of one canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The conversation held, whatever the profile says about it.
    Passed,
    /// The conversation broke, whether somebody expects it or not.
    Broken(Option<Code>),
    /// It could not be judged.
    Unjudged(Option<Code>),
    /// It was skipped.
    Skipped,
}

impl Standing {
    pub(super) fn of(canary: &CanaryReport) -> Self {
        let code = canary.diagnosis.as_ref().map(|diagnosis| diagnosis.code);
        match canary.verdict {
            Verdict::Pass | Verdict::Xpass => Self::Passed,
            Verdict::Fail | Verdict::Xfail => Self::Broken(code),
            Verdict::Error => Self::Unjudged(code),
            Verdict::Skip => Self::Skipped,
        }
    }

    /// Returns whether a person must look at it.
    pub(super) fn is_red(self) -> bool {
        matches!(self, Self::Broken(_) | Self::Unjudged(_))
    }
}

/// The interval of the rate of a canary that ran in rounds, if any of them was judged. It is counted again, because a file may
/// say anything.
pub(super) fn interval(rounds: Option<&Rounds>) -> Option<(f64, f64)> {
    let rounds = rounds.filter(|rounds| rounds.judged > 0)?;
    Some(wilson(rounds.passed.min(rounds.judged), rounds.judged))
}
