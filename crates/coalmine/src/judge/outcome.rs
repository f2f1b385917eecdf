//! What came of one check.

use crate::event::Verdict;

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// What should have been seen.
    pub(super) expected: String,
    /// What was seen.
    pub(super) actual: String,
    /// Whether a failure is the diagnosis. One that is not decisive only shows what a later check explains.
    pub(super) decisive: bool,
}

impl Outcome {
    /// Returns a pass or a decisive failure.
    pub(super) fn test(holds: bool, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        let verdict = if holds { Verdict::Pass } else { Verdict::Fail };
        Self { verdict, expected: expected.into(), actual: actual.into(), decisive: true }
    }

    /// Returns the outcome of a check that could not be made; `reason` says why.
    pub(super) fn skip(expected: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skip, expected: expected.into(), actual: reason.into(), decisive: false }
    }

    /// Returns the outcome with a failure that counts as the diagnosis only if `decisive` holds.
    pub(super) fn decisive_if(self, decisive: bool) -> Self {
        Self { decisive, ..self }
    }
}
