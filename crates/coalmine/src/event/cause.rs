//! What several failures of a run have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CanaryReport, Code, Layer, Verdict};

/// One reason for which canaries failed or could not be judged: all whose diagnosis has this layer and code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// What went wrong; `coalmine explain CODE` has a page for each.
    pub code: Code,
    /// The layer of the diagnoses.
    pub layer: Layer,
    /// The sentence of the diagnosis of `shown`.
    pub sentence: String,
    /// The ids of the canaries, in the order of the plan.
    pub canaries: Vec<String>,
    /// The id of the simplest of them, which explains the cause best.
    pub shown: String,
}

/// Groups the canaries that failed or could not be judged by cause, in the order of the layers. Causes of one layer are in
/// the order in which the plan first meets them. A canary without a diagnosis is in no group.
pub fn causes(canaries: &[CanaryReport]) -> Vec<Cause> {
    let mut groups: Vec<(Layer, Code, Vec<&CanaryReport>)> = Vec::new();
    for canary in canaries.iter().filter(|canary| matches!(canary.verdict, Verdict::Fail | Verdict::Error)) {
        let Some(diagnosis) = &canary.diagnosis else { continue };
        let (layer, code) = (diagnosis.layer, diagnosis.code);
        match groups.iter_mut().find(|group| (group.0, group.1) == (layer, code)) {
            Some(group) => group.2.push(canary),
            None => groups.push((layer, code, vec![canary])),
        }
    }
    groups.sort_by_key(|(layer, ..)| *layer);
    groups.into_iter().filter_map(|(layer, code, canaries)| Cause::new(layer, code, &canaries)).collect()
}

impl Cause {
    fn new(layer: Layer, code: Code, canaries: &[&CanaryReport]) -> Option<Self> {
        let shown = canaries.iter().min_by_key(|canary| complexity(canary))?;
        Some(Self {
            code,
            layer,
            sentence: shown.diagnosis.as_ref()?.sentence.clone(),
            canaries: canaries.iter().map(|canary| canary.id.clone()).collect(),
            shown: shown.id.clone(),
        })
    }
}

/// Returns a key that is smaller the better a canary explains its cause: a failure rather than an error, one with turns to
/// look at, the fewest turns, the lowest number. Of equal keys the first canary is taken.
fn complexity(canary: &CanaryReport) -> (bool, bool, usize, u32) {
    let is_error = canary.verdict == Verdict::Error;
    (is_error, canary.turns.is_empty(), canary.turns.len(), canary.number.unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Diagnosis, Level, TurnReport};

    fn canary(id: &str, number: Option<u32>, turns: usize, verdict: Verdict, code: Code) -> CanaryReport {
        let turn = TurnReport { number: 1, ..TurnReport::default() };
        CanaryReport {
            id: id.into(),
            number,
            title: "t".into(),
            level: Level::Continuity,
            verdict,
            duration_ms: 1,
            checks: vec![],
            diagnosis: Some(Diagnosis::new(code, format!("{id} broke"))),
            reason: None,
            hint_toml: None,
            session_key: None,
            rounds: None,
            baseline: None,
            turns: vec![turn; turns],
        }
    }

    #[test]
    fn causes_are_in_the_order_of_the_layers() {
        let (fail, error) = (Verdict::Fail, Verdict::Error);
        let found = causes(&[
            canary("echo", Some(1), 2, fail, Code::ReplyEcho),
            canary("lost", Some(3), 2, fail, Code::PromptHistoryMissing),
            canary("late", Some(4), 1, error, Code::WireTimeout),
            canary("split", Some(5), 2, fail, Code::SessionSplit),
            canary("lost-too", Some(6), 2, fail, Code::PromptHistoryMissing),
            canary("passed", Some(7), 2, Verdict::Pass, Code::ReplyEcho),
        ]);
        let codes: Vec<_> = found.iter().map(|cause| cause.code).collect();
        let expected = [Code::WireTimeout, Code::SessionSplit, Code::PromptHistoryMissing, Code::ReplyEcho];
        assert_eq!(codes, expected);
        assert_eq!(found[2].canaries, ["lost", "lost-too"]);
        assert_eq!(found[2].sentence, "lost broke");
        assert_eq!(found[3].canaries, ["echo"]);
    }

    #[test]
    fn the_simplest_canary_is_shown() {
        let shown = |canaries: &[CanaryReport]| causes(canaries)[0].shown.clone();
        let of = |id: &str, number, turns| canary(id, number, turns, Verdict::Fail, Code::ReplyEcho);
        assert_eq!(shown(&[of("long", Some(1), 3), of("short", Some(9), 2)]), "short");
        assert_eq!(shown(&[of("unnumbered", None, 2), of("second", Some(2), 2)]), "second");
        assert_eq!(shown(&[of("first", None, 2), of("second", None, 2)]), "first");
        let error = canary("error", Some(1), 1, Verdict::Error, Code::ReplyEcho);
        assert_eq!(shown(&[error, of("failed", Some(2), 4)]), "failed");
        let untouched = canary("untouched", Some(1), 0, Verdict::Error, Code::BootCrashed);
        let crashed = canary("crashed", Some(2), 2, Verdict::Error, Code::BootCrashed);
        assert_eq!(shown(&[untouched, crashed]), "crashed");
    }

    #[test]
    fn without_a_diagnosis_there_is_no_cause() {
        let silent =
            CanaryReport { diagnosis: None, ..canary("x", None, 1, Verdict::Error, Code::ReplyEcho) };
        assert_eq!(causes(&[silent]), []);
    }
}
