//! Runs in which nobody sees what reached the model: in canary mode there is no model, and the runtime's own is asked
//! elsewhere.

use super::path::REACHED_MODEL;
use crate::event::{Diagnosis, ModelMode};

const LIVE: &str =
    "the calls to the runtime's own model are not visible, so its mistakes look like the runtime's";

/// Returns why there is no prompt to inspect; `None` if there is one.
pub(super) fn no_prompt(model: ModelMode) -> Option<&'static str> {
    match model {
        ModelMode::Simulated => None,
        ModelMode::CanaryMode => Some("in canary mode there is no prompt to inspect"),
        ModelMode::Live => Some(LIVE),
    }
}

/// States in a diagnosis how far it can be trusted if the runtime's own model answered.
pub(super) fn limit(diagnosis: &mut Diagnosis, model: ModelMode) {
    if model != ModelMode::Live {
        return;
    }
    if !diagnosis.sentence.contains(LIVE) {
        diagnosis.sentence = format!("{}; {LIVE}", diagnosis.sentence);
    }
    for evidence in diagnosis.evidence.iter_mut().filter(|evidence| evidence.what == REACHED_MODEL) {
        evidence.text = "not visible: the runtime asked its own model".into();
    }
}
