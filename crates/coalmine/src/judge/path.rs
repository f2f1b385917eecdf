//! The turn's path with a mark at each step: the first departure names the layer, all after it follows.

use crate::event::{Code, Diagnosis, Evidence, Mark, PathStep, Step};

const STEPS: [Step; 6] = [Step::Sent, Step::Store, Step::Prompt, Step::Tool, Step::Answer, Step::Reply];

/// A path under construction; steps are marked in any order and shown in theirs.
#[derive(Debug, Default)]
pub(super) struct FactPath {
    steps: Vec<PathStep>,
}

/// Where the path broke.
#[derive(Debug)]
pub(super) struct Break {
    /// The diagnosis code.
    pub(super) code: Code,
    /// The step on the path.
    pub(super) step: Step,
    /// One sentence.
    pub(super) sentence: String,
}

impl FactPath {
    pub(super) fn ok(&mut self, step: Step, note: impl Into<String>) {
        self.mark(step, Mark::Ok, note.into());
    }

    pub(super) fn unknown(&mut self, step: Step, note: impl Into<String>) {
        self.mark(step, Mark::Unknown, note.into());
    }

    fn mark(&mut self, step: Step, mark: Mark, note: String) {
        self.steps.retain(|at_step| at_step.step != step);
        self.steps.push(PathStep { step, mark, note });
    }

    /// The diagnosis: the step of the break is broken, whatever comes later on the path follows from it.
    pub(super) fn diagnosis(mut self, broke: Break, turn: Option<u32>, evidence: Vec<Evidence>) -> Diagnosis {
        self.mark(broke.step, Mark::Broken, broke.sentence.clone());
        let at = |step: Step| STEPS.iter().position(|known| *known == step).unwrap_or_default();
        for at_step in &mut self.steps {
            if at(at_step.step) > at(broke.step) {
                at_step.mark = Mark::After;
            }
        }
        for step in [Step::Sent, Step::Prompt, Step::Answer, Step::Reply] {
            if !self.steps.iter().any(|at_step| at_step.step == step) {
                let mark = if at(step) > at(broke.step) { Mark::After } else { Mark::Unknown };
                self.steps.push(PathStep { step, mark, note: String::new() });
            }
        }
        self.steps.sort_by_key(|at_step| at(at_step.step));
        Diagnosis {
            code: broke.code,
            layer: broke.code.layer(),
            sentence: broke.sentence,
            cause: None,
            hint: None,
            turn,
            path: self.steps,
            evidence,
        }
    }
}
