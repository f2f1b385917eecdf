//! What is known of one turn, by the step of its path: the wire, the session store, the prompt, tools, the answer, the reply.

use coalmine::event::Layer;

use super::{
    budget::Budget,
    entry::{CheckView, Entry},
    folder::RunFolder,
    journal::Journal,
};

/// Where the evidence is read, and how much more of it the page may hold.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    pub(super) folder: &'a RunFolder,
    pub(super) journal: &'a Journal,
    pub(super) budget: Budget,
}

/// One step of a turn.
#[derive(Debug)]
pub(super) struct Tab {
    pub(super) step: Step,
    /// Whether this is where the turn went wrong.
    pub(super) broken: bool,
    /// Whether this is the tab that is shown first.
    pub(super) first: bool,
    pub(super) checks: Vec<CheckView>,
    pub(super) entries: Vec<Entry>,
    /// What stands in place of entries.
    pub(super) nothing: &'static str,
}

/// The steps, in the order of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Wire,
    Store,
    Prompt,
    Tools,
    Answer,
    Reply,
}

impl Step {
    /// Returns the name in anchors.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Store => "store",
            Self::Prompt => "prompt",
            Self::Tools => "tools",
            Self::Answer => "answer",
            Self::Reply => "reply",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Wire => "Wire",
            Self::Store => "Session store",
            Self::Prompt => "Prompt",
            Self::Tools => "Tool calls",
            Self::Answer => "Answer",
            Self::Reply => "Reply",
        }
    }

    /// Returns what the step shows.
    pub(super) fn subtitle(self) -> &'static str {
        match self {
            Self::Wire => "what the client sent and what came back",
            Self::Store => "what the runtime kept after this turn",
            Self::Prompt => "what reached the model, its end first",
            Self::Tools => "what the model called and got back",
            Self::Answer => "what the model answered the runtime",
            Self::Reply => "what the user got",
        }
    }

    /// Returns the step at which a layer is looked at.
    pub(super) fn of_layer(layer: Layer) -> Self {
        match layer {
            Layer::Boot | Layer::Wire => Self::Wire,
            Layer::Session => Self::Store,
            Layer::Prompt => Self::Prompt,
            Layer::Tool => Self::Tools,
            Layer::Reply => Self::Reply,
        }
    }

    /// Returns the step that a check is about, by the part of its id after the turn.
    pub(super) fn of_check(key: &str) -> Self {
        match key.split('.').next().unwrap_or_default() {
            "session" => Self::Store,
            "prompt" | "others" | "model-calls" => Self::Prompt,
            "memory" | "peer" | "tool" | "tools" | "skill" | "no-file" => Self::Tools,
            "model-fault" => Self::Answer,
            "reply" => Self::Reply,
            _ => Self::Wire,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_belong_to_steps() {
        for (key, step) in [
            ("reply.contains", Step::Reply),
            ("prompt.lacks", Step::Prompt),
            ("session", Step::Store),
            ("memory.written", Step::Tools),
            ("answered", Step::Wire),
            ("context.kept", Step::Wire),
        ] {
            assert_eq!(Step::of_check(key), step, "{key}");
        }
    }
}
