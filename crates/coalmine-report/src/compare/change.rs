//! What lies between two standings of one canary.

use coalmine::event::{AgainstBaseline, CanaryReport, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::standing::{Standing, interval, tells_apart};

/// What happened to a canary from the old run to the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is broken or cannot be judged, and was not so before; or its rate of passed rounds is lower.
    Regressed,
    /// The old run judged it, and the new one does not: it is skipped, or a pass is gone.
    Weaker,
    /// It is as red as before, for another reason; or it could not be judged and is skipped now; or what is expected of it has
    /// changed.
    Changed,
    /// It passes, and was broken or could not be judged before; or its rate of passed rounds is higher.
    Improved,
    /// It passes, and was skipped before.
    Stronger,
    /// It is in the new run only, and is not red.
    New,
    /// It is in the old run only, and had not passed there.
    Gone,
    /// Nothing changed.
    Unchanged,
}

impl Change {
    /// All changes, those to look at first.
    pub const ALL: [Self; 8] = [
        Self::Regressed,
        Self::Weaker,
        Self::Changed,
        Self::Improved,
        Self::Stronger,
        Self::New,
        Self::Gone,
        Self::Unchanged,
    ];

    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Weaker => "weaker",
            Self::Changed => "changed",
            Self::Improved => "improved",
            Self::Stronger => "stronger",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Unchanged => "unchanged",
        }
    }

    /// Returns what it means, for a heading.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Regressed => "worse than before",
            Self::Weaker => "judged before, and no longer",
            Self::Changed => "neither better nor worse, for another reason",
            Self::Improved => "better than before",
            Self::Stronger => "skipped before, passes now",
            Self::New => "only in the new run",
            Self::Gone => "only in the old run",
            Self::Unchanged => "as before",
        }
    }

    /// Returns what happened to a canary that is in at least one of the runs.
    pub(super) fn between(old: Option<&CanaryReport>, new: Option<&CanaryReport>) -> Self {
        match (old, new) {
            (Some(old), Some(new)) => match Self::of_rates(old, new) {
                Some(change) => change,
                None => Self::of_standings(old, new),
            },
            (None, Some(new)) if Standing::of(new).is_red() => Self::Regressed,
            (None, _) => Self::New,
            (Some(old), None) if Standing::of(old) == Standing::Passed => Self::Weaker,
            (Some(_), None) => Self::Gone,
        }
    }

    /// Returns the change of the rate if both runs have one, with enough rounds that a break of all would show. Rates whose
    /// intervals overlap may differ by chance.
    fn of_rates(old: &CanaryReport, new: &CanaryReport) -> Option<Self> {
        let (before, after) = (interval(old.rounds.as_ref())?, interval(new.rounds.as_ref())?);
        let (was, is) = (Standing::of(old), Standing::of(new));
        match () {
            () if after.1 < before.0 => Some(Self::Regressed),
            () if before.1 < after.0 => Some(Self::Improved),
            // overlapping intervals of so few rounds excuse everything, so the verdicts count
            () if !tells_apart(old.rounds.as_ref()?.judged, new.rounds.as_ref()?.judged) => None,
            // a rate says nothing about what the reported round shows
            () if matches!(was, Standing::Passed | Standing::Broken(_))
                && matches!(is, Standing::Passed | Standing::Broken(_)) =>
            {
                Some(if was == is && verdict(old) == verdict(new) { Self::Unchanged } else { Self::Changed })
            }
            () => None,
        }
    }

    fn of_standings(old: &CanaryReport, new: &CanaryReport) -> Self {
        use Standing::{Broken, Passed, Skipped, Unjudged};
        match (Standing::of(old), Standing::of(new)) {
            (was, is) if was == is && verdict(old) == verdict(new) => Self::Unchanged,
            (Passed, Passed) | (Skipped, Skipped) => Self::Changed,
            (Passed | Skipped, Broken(_) | Unjudged(_)) => Self::Regressed,
            // whether it was broken before is not known
            (Unjudged(_), Broken(_)) => Self::Regressed,
            (Broken(_) | Unjudged(_), Passed) => Self::Improved,
            (Passed | Broken(_), Skipped) => Self::Weaker,
            (Skipped, Passed) => Self::Stronger,
            (Broken(_), Broken(_) | Unjudged(_)) | (Unjudged(_), Unjudged(_) | Skipped) => Self::Changed,
        }
    }
}

/// Returns the verdict without its baseline: what is still broken is as broken as before.
fn verdict(canary: &CanaryReport) -> Verdict {
    match canary.baseline {
        Some(AgainstBaseline::StillBroken) => Verdict::Fail,
        _ => canary.verdict,
    }
}
