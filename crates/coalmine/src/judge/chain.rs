//! The turn's path with a mark at each step: the first departure names the layer, all after it follows.

use crate::event::{Diagnosis, Evidence, Layer, Link, Mark, Step};

const STEPS: [Step; 6] = [Step::Sent, Step::Store, Step::Prompt, Step::Tool, Step::Answer, Step::Reply];

/// A path under construction; steps are marked in any order and shown in theirs.
#[derive(Debug, Default)]
pub(super) struct Chain {
    links: Vec<Link>,
}

/// Where the path broke.
#[derive(Debug)]
pub(super) struct Break {
    /// The diagnosis code; its beginning is the layer.
    pub(super) code: &'static str,
    /// The step on the path.
    pub(super) step: Step,
    /// One sentence.
    pub(super) sentence: String,
}

impl Chain {
    pub(super) fn ok(&mut self, step: Step, note: impl Into<String>) {
        self.mark(step, Mark::Ok, note.into());
    }

    pub(super) fn unknown(&mut self, step: Step, note: impl Into<String>) {
        self.mark(step, Mark::Unknown, note.into());
    }

    fn mark(&mut self, step: Step, mark: Mark, note: String) {
        self.links.retain(|link| link.step != step);
        self.links.push(Link { step, mark, note });
    }

    /// The diagnosis: the step of the break is broken, whatever comes later on the path follows from it.
    pub(super) fn diagnosis(mut self, broke: Break, turn: Option<u32>, evidence: Vec<Evidence>) -> Diagnosis {
        self.mark(broke.step, Mark::Broken, broke.sentence.clone());
        let at = |step: Step| STEPS.iter().position(|known| *known == step).unwrap_or_default();
        for link in &mut self.links {
            if at(link.step) > at(broke.step) {
                link.mark = Mark::After;
            }
        }
        for step in [Step::Sent, Step::Prompt, Step::Answer, Step::Reply] {
            if !self.links.iter().any(|link| link.step == step) {
                let mark = if at(step) > at(broke.step) { Mark::After } else { Mark::Unknown };
                self.links.push(Link { step, mark, note: String::new() });
            }
        }
        self.links.sort_by_key(|link| at(link.step));
        Diagnosis {
            code: broke.code.to_owned(),
            layer: layer_of(broke.code),
            sentence: broke.sentence,
            cause: None,
            hint: None,
            turn,
            chain: self.links,
            evidence,
        }
    }
}

/// The layer that a code begins with.
pub(super) fn layer_of(code: &str) -> Layer {
    let name = code.split('.').next().unwrap_or_default();
    Layer::ALL.into_iter().find(|layer| layer.name() == name).unwrap_or(Layer::Boot)
}
