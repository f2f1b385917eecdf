//! What a run has to do with its baseline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Verdict;

/// The baseline with which a run was judged (`--baseline`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineUsed {
    /// The id of the run that the baseline was made from.
    pub run: String,
    /// The time of its start, RFC 3339, UTC.
    pub started_at: String,
    /// What it judged, in words.
    pub target: String,
    /// The SHA-256 of the baseline file, in hexadecimal.
    pub digest: String,
    /// The canaries that passed or are known to be broken in the baseline, and are not in this run at all.
    pub absent: Vec<String>,
}

/// What the baseline says about the verdict of a canary. A canary that is as in the baseline, and not broken, has none of
/// these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgainstBaseline {
    /// It fails for the same reason as in the baseline. Its verdict is `xfail`.
    StillBroken,
    /// It fails and did not fail in the baseline, or for another reason, or less often.
    Worse,
    /// It passed in the baseline and was skipped. This fails the run.
    Weaker,
    /// It was broken in the baseline and was skipped, so nobody knows whether it still is. The verdict of the run is at best `xfail`.
    NotJudged,
    /// It was broken in the baseline and passes.
    Mended,
}

impl AgainstBaseline {
    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::StillBroken => "still broken",
            Self::Worse => "worse than the baseline",
            Self::Weaker => "judged no longer",
            Self::NotJudged => "not judged now",
            Self::Mended => "mended",
        }
    }
}

/// Returns the verdict of a run, given the verdict of its canaries and what the baseline says about them. A run is never more
/// than `xfail` if anything is still broken or may be, and fails if a pass became a skip.
pub fn verdict_with_baseline(
    verdict: Verdict,
    against: impl IntoIterator<Item = AgainstBaseline>,
) -> Verdict {
    against.into_iter().fold(verdict, |verdict, against| match (verdict, against) {
        (_, AgainstBaseline::Weaker | AgainstBaseline::Worse) => Verdict::Fail,
        (Verdict::Pass, AgainstBaseline::StillBroken | AgainstBaseline::NotJudged) => Verdict::Xfail,
        _ => verdict,
    })
}
