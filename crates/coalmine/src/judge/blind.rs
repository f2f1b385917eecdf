//! Runs in which nobody sees what reached the model: in canary mode there is none, and the runtime's own is asked elsewhere.

use crate::event::{Diagnosis, ModelMode};

/// Why there is no prompt to look into; `None` where there is one.
pub(super) fn why(model: ModelMode) -> Option<&'static str> {
    match model {
        ModelMode::Simulated => None,
        ModelMode::CanaryMode => Some("in canary mode there is no prompt to look into"),
        ModelMode::Live => Some(LIVE),
    }
}

const LIVE: &str =
    "nothing is seen of the runtime's own model, so what it did cannot be told from what the runtime did";

/// Says in a diagnosis how far it can be trusted where the runtime's own model answered.
pub(super) fn limit(diagnosis: &mut Diagnosis, model: ModelMode) {
    if model != ModelMode::Live {
        return;
    }
    if !diagnosis.sentence.contains(LIVE) {
        diagnosis.sentence = format!("{}; {LIVE}", diagnosis.sentence);
    }
    for evidence in diagnosis.evidence.iter_mut().filter(|evidence| evidence.what == REACHED) {
        evidence.text = "not seen: the runtime asked a model of its own".into();
    }
}

/// What a piece of evidence is called.
pub(super) const REACHED: &str = "what reached the model";
