//! The path of a fact through a turn, with a mark at each step: the first departure names the layer, and all after it follows.

use crate::{
    event::{Code, Diagnosis, Evidence, Mark, PathStep, Step},
    observe::{Store, TurnSeen},
};

const STEPS: [Step; 6] = [Step::Sent, Step::Store, Step::Prompt, Step::Tool, Step::Answer, Step::Reply];

/// The title of the evidence about calls to the model.
pub(super) const REACHED_MODEL: &str = "what reached the model";

/// A path under construction. Steps are marked in any order and shown in theirs.
#[derive(Debug, Default)]
pub(super) struct FactPath {
    steps: Vec<PathStep>,
}

/// Where a path broke.
#[derive(Debug)]
pub(super) struct Break {
    /// The diagnosis code.
    pub(super) code: Code,
    /// The step on the path.
    pub(super) step: Step,
    /// One sentence with this run's facts.
    pub(super) sentence: String,
}

impl Break {
    pub(super) fn new(code: Code, step: Step, sentence: impl Into<String>) -> Self {
        Self { code, step, sentence: sentence.into() }
    }

    /// Returns the diagnosis of a turn that broke here, of whose path nothing else is known.
    pub(super) fn on_sending(self, turn: &TurnSeen) -> Diagnosis {
        FactPath::default().diagnosis(self, turn)
    }

    /// Returns the diagnosis of a turn that the runtime accepted before it broke here.
    pub(super) fn after_sending(self, turn: &TurnSeen) -> Diagnosis {
        FactPath::sent().diagnosis(self, turn)
    }
}

impl FactPath {
    /// Returns the path of a message that the runtime accepted.
    pub(super) fn sent() -> Self {
        let mut path = Self::default();
        path.ok(Step::Sent, "the runtime accepted the message");
        path
    }

    pub(super) fn ok(&mut self, step: Step, note: impl Into<String>) {
        self.mark(step, Mark::Ok, note.into());
    }

    pub(super) fn unknown(&mut self, step: Step, note: impl Into<String>) {
        self.mark(step, Mark::Unknown, note.into());
    }

    fn mark(&mut self, step: Step, mark: Mark, note: String) {
        self.steps.retain(|known| known.step != step);
        self.steps.push(PathStep { step, mark, note });
    }

    /// Returns the diagnosis: the step of the break is broken, and what comes later on the path follows from it.
    pub(super) fn diagnosis(mut self, broke: Break, turn: &TurnSeen) -> Diagnosis {
        self.mark(broke.step, Mark::Broken, broke.sentence.clone());
        for known in &mut self.steps {
            if position(known.step) > position(broke.step) {
                known.mark = Mark::After;
            }
        }
        for step in [Step::Sent, Step::Prompt, Step::Answer, Step::Reply] {
            if !self.steps.iter().any(|known| known.step == step) {
                let after = position(step) > position(broke.step);
                let mark = if after { Mark::After } else { Mark::Unknown };
                self.steps.push(PathStep { step, mark, note: String::new() });
            }
        }
        self.steps.sort_by_key(|known| position(known.step));
        Diagnosis {
            turn: Some(turn.number),
            path: self.steps,
            evidence: evidence(turn),
            ..Diagnosis::new(broke.code, broke.sentence)
        }
    }
}

fn position(step: Step) -> usize {
    STEPS.iter().position(|known| *known == step).unwrap_or_default()
}

/// Returns the evidence of a turn: what was sent, what came back, what the model was asked and what it answered.
fn evidence(turn: &TurnSeen) -> Vec<Evidence> {
    let mut all = vec![];
    for path in &turn.wire {
        let what = if path.contains("request") { "what the client sent" } else { "what came back" };
        all.push(item(what, "", Some(path)));
    }
    match turn.calls.last() {
        None => all.push(item(REACHED_MODEL, "nothing: it was not called in this turn", None)),
        Some(call) => {
            let lines: Vec<String> = turn.calls.iter().map(|call| call.seq.to_string()).collect();
            let text = format!("{} call(s), `seq` {} in the journal", turn.calls.len(), lines.join(", "));
            all.push(item(REACHED_MODEL, &text, Some("journal.ndjson")));
            if let Some(answer) = &call.content.answer {
                let tools: Vec<String> =
                    call.content.tool_calls().into_iter().map(|call| call.name).collect();
                let text = if tools.is_empty() {
                    answer.text.clone()
                } else {
                    format!("calls {}", tools.join(", "))
                };
                all.push(item("what the model answered", &text, Some("journal.ndjson")));
            }
        }
    }
    match &*turn.store {
        Store::Read { records, .. } => {
            let text = format!("{} session(s)", records.len());
            all.push(item("what the store held", &text, Some("session-store/")));
        }
        Store::Unreadable(reason) => {
            all.push(item("what the store held", &format!("cannot be read: {reason}"), None));
        }
    }
    all
}

fn item(what: &str, text: &str, path: Option<&str>) -> Evidence {
    Evidence { what: what.to_owned(), text: text.chars().take(300).collect(), path: path.map(str::to_owned) }
}

/// Returns the beginning of a text, for a sentence.
pub(super) fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
