//! What is said about one canary: its turns, its checks and, where it failed, the diagnosis.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Code, Rounds};

/// The outcome of a check, a canary or a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Continuity held.
    Pass,
    /// Continuity is broken.
    Fail,
    /// Could not judge.
    Error,
    /// Not judged, for a stated reason.
    Skip,
}

/// How much a failure weighs. No version of A2A demands that anything is remembered, so most are `continuity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A MUST of the A2A specification.
    Must,
    /// A SHOULD of the A2A specification.
    Should,
    /// What customers expect of a conversation.
    Continuity,
}

/// Where a failed turn first went wrong, in the order of a turn's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// The runtime never came up, or went away.
    Boot,
    /// The A2A exchange itself.
    Wire,
    /// What the runtime keeps about the conversation.
    Session,
    /// What reached the model.
    Prompt,
    /// A tool call, its effect or its result.
    Tool,
    /// The way back from the model's answer to the client.
    Reply,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Skip => "skip",
        }
    }
}

impl Layer {
    /// All layers, in the order of a turn's path.
    pub const ALL: [Self; 6] = [Self::Boot, Self::Wire, Self::Session, Self::Prompt, Self::Tool, Self::Reply];

    /// The name in reports and in front of every diagnosis code.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boot => "boot",
            Self::Wire => "wire",
            Self::Session => "session",
            Self::Prompt => "prompt",
            Self::Tool => "tool",
            Self::Reply => "reply",
        }
    }
}

/// One canary's end, complete: nothing else is needed to report it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryReport {
    /// Its id.
    pub id: String,
    /// Its number, where it has one.
    pub number: Option<u32>,
    /// One line.
    pub title: String,
    /// How much a failure weighs.
    pub level: Level,
    /// How it ended.
    pub verdict: Verdict,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
    /// Every expectation with what was seen, in order.
    pub checks: Vec<CheckReport>,
    /// Why it failed or could not be judged; of a canary that was taken many times, why the first round did that did so,
    /// even where enough others passed.
    pub diagnosis: Option<Diagnosis>,
    /// Why it was skipped; or a limit of the judgement, on a canary that passed.
    pub reason: Option<String>,
    /// The key on which the runtime's sessions hang, where the canary looks for it: `context`, `task`, `message`, `task or
    /// message` (where the store does not tell which), `one` (all contexts share one session), `mixed` (others know what
    /// its own context does not) or `none` (nothing is kept).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
    /// How its rounds ended, where it was taken many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<Rounds>,
    /// The conversation, in order.
    pub turns: Vec<TurnReport>,
}

/// One expectation and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReport {
    /// Turn and expectation, such as `turn-2.reply.contains`.
    pub id: String,
    /// How much a failure weighs.
    pub level: Level,
    /// How it ended.
    pub verdict: Verdict,
    /// What should have been seen.
    pub expected: String,
    /// What was seen; text of the runtime is cut after 500 characters.
    pub actual: String,
}

/// Why a canary failed or could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// What went wrong; `coalmine explain CODE` has a page for each.
    pub code: Code,
    /// The earliest place on the turn's path where what was observed departs from what should have been.
    pub layer: Layer,
    /// One sentence, with this run's facts.
    pub sentence: String,
    /// What was seen last, where that says more than the sentence.
    pub cause: Option<String>,
    /// What to do next, where this case has a better answer than the page of the code.
    pub hint: Option<String>,
    /// The turn that went wrong, from 1; absent when no turn was sent.
    pub turn: Option<u32>,
    /// The turn's path with a mark at each step.
    pub path: Vec<PathStep>,
    /// What proves it, in the order in which to read it.
    pub evidence: Vec<Evidence>,
}

/// One step on the turn's path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathStep {
    /// Which step.
    pub step: Step,
    /// What is known of it.
    pub mark: Mark,
    /// What was seen there, in a few words.
    pub note: String,
}

/// The steps of a turn, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The client sent the message and the runtime took it.
    Sent,
    /// The session store kept what it should.
    Store,
    /// It reached the model.
    Prompt,
    /// The tools were called and their results came back to the model.
    Tool,
    /// The model answered right.
    Answer,
    /// The answer reached the client.
    Reply,
}

impl Step {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Store => "store",
            Self::Prompt => "prompt",
            Self::Tool => "tool",
            Self::Answer => "answer",
            Self::Reply => "reply",
        }
    }
}

/// What is known of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// As it should be.
    Ok,
    /// The first departure.
    Broken,
    /// After the first departure: follows from it.
    After,
    /// Could not be observed.
    Unknown,
}

/// One piece of proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What it is, in a few words.
    pub what: String,
    /// The text itself, bounded; empty where only the file says it.
    pub text: String,
    /// The file in the run's folder that holds it, relative to that folder.
    pub path: Option<String>,
}

/// One user message and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TurnReport {
    /// Position in the canary, from 1.
    pub number: u32,
    /// The canary's name for the conversation (`a`, `b`, …).
    pub context: String,
    /// The `contextId` on the wire.
    pub context_id: String,
    /// What the user said; empty for a message without text.
    pub say: String,
    /// Names of the files sent along.
    pub files: Vec<String>,
    /// What came back, all text parts joined; absent when nothing did.
    pub reply: Option<String>,
    /// Why nothing (or an error) came back.
    pub error: Option<String>,
    /// Calls to the model during this turn.
    pub model_calls: u32,
    /// Wall time in milliseconds.
    pub took_ms: u64,
    /// The files in the run's folder with what was sent and received, relative to that folder.
    pub wire: Vec<String>,
    /// Why this turn was left out, where it was.
    pub skipped: Option<String>,
}

impl Diagnosis {
    /// Returns a diagnosis without a turn: about the run, or about the runtime as a whole.
    pub fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self {
            code,
            layer: code.layer(),
            sentence: sentence.into(),
            cause: None,
            hint: None,
            turn: None,
            path: vec![],
            evidence: vec![],
        }
    }
}
