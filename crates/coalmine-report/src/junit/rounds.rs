//! The failed rounds of a canary, as nextest and Surefire write the failed attempts of a test: `flakyFailure` if the test
//! passed, `rerunFailure` if it failed.

use coalmine::event::{CanaryReport, Rounds, Verdict};
use quick_junit::{NonSuccessKind, TestRerun};

use super::{sentence, short};

/// The most rounds that have an element.
const MAX_ROUNDS: u32 = 20;

/// Returns the failed rounds that the test case itself does not stand for. Of the others only the one that is reported can say
/// why it failed.
pub(super) fn failed(canary: &CanaryReport) -> Vec<TestRerun> {
    let Some(rounds) = canary.rounds else { return Vec::new() };
    let Rounds { passed, judged, asked, shown, .. } = rounds;
    let failed = judged.saturating_sub(passed);
    // a failure is the round that is reported, and an error may stand beside failed rounds
    let is_told = canary.verdict == Verdict::Fail;
    let others = failed.saturating_sub(u32::from(is_told));
    (0..others.min(MAX_ROUNDS))
        .map(|number| {
            let mut rerun = TestRerun::new(NonSuccessKind::Failure);
            match &canary.diagnosis {
                Some(diagnosis) if number == 0 && !is_told => {
                    rerun.set_type(diagnosis.code.id());
                    rerun.set_message(format!("round {shown} of {asked}: {}", sentence(diagnosis)));
                }
                _ => {
                    rerun.set_type("coalmine");
                    let words =
                        format!("another of {failed} failed rounds; round {shown} of {asked} is reported");
                    rerun.set_message(short(&words));
                }
            }
            rerun
        })
        .collect()
}
