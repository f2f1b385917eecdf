//! The report of one canary: its turns, its checks and, if it failed, the diagnosis.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AgainstBaseline, Code, Rounds, SessionKey};

/// The outcome of a check, a canary or a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The expectation held.
    Pass,
    /// The expectation did not hold.
    Fail,
    /// It could not be judged.
    Error,
    /// It was not judged, for a reason that is reported.
    Skip,
    /// The expectation did not hold, as the profile (`[[known-limit]]`) or the baseline says. A run has this verdict if something
    /// is still broken, as the baseline says, and nothing is worse.
    Xfail,
    /// The expectation held, although the profile says that it does not. This fails the run.
    Xpass,
}

/// How severe a failure is. Most canaries have the level `continuity`, because no version of A2A demands a
/// memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The A2A specification says MUST.
    Must,
    /// The A2A specification says SHOULD.
    Should,
    /// Customers expect it of a conversation.
    Continuity,
}

/// The part of a turn's path where it first went wrong, in the order of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// The runtime did not start, or stopped.
    Boot,
    /// The A2A exchange itself.
    Wire,
    /// What the runtime stores about the conversation.
    Session,
    /// What reached the model.
    Prompt,
    /// A tool call, its effect or its result.
    Tool,
    /// The way back from the model's answer to the client.
    Reply,
}

impl Verdict {
    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Skip => "skip",
            Self::Xfail => "xfail",
            Self::Xpass => "xpass",
        }
    }
}

impl Layer {
    /// All layers, in the order of a turn's path.
    pub const ALL: [Self; 6] = [Self::Boot, Self::Wire, Self::Session, Self::Prompt, Self::Tool, Self::Reply];

    /// Returns the name in reports, which is also the first part of diagnosis codes.
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

/// What the user says to a task that waits for an approval (`input-required`).
pub const APPROVAL: &str = "Yes, do that.";

/// The complete report of one canary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryReport {
    /// The id of the canary.
    pub id: String,
    /// The number of the canary, if it has one.
    pub number: Option<u32>,
    /// One line that says what holds if the canary passes.
    pub title: String,
    /// How severe a failure is.
    pub level: Level,
    /// The verdict.
    pub verdict: Verdict,
    /// The duration in milliseconds.
    pub duration_ms: u64,
    /// The checks, in the order in which they were made.
    pub checks: Vec<CheckReport>,
    /// Why the canary failed or could not be judged. With several rounds, the diagnosis is that of the round
    /// that is reported, even if enough other rounds passed.
    pub diagnosis: Option<Diagnosis>,
    /// Why the canary was skipped; or, for a canary that passed, what could not be judged.
    pub reason: Option<String>,
    /// The line of a profile with which a skipped canary would be judged, such as `memory.promise = "kept"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint_toml: Option<String>,
    /// What the runtime's sessions are keyed by, if the canary infers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_key: Option<SessionKey>,
    /// The outcome of the rounds, if there were several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<Rounds>,
    /// What the baseline of the run says about the verdict, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<AgainstBaseline>,
    /// The turns, in the order in which they were sent.
    pub turns: Vec<TurnReport>,
}

/// A check: one expectation, and what was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReport {
    /// The turn and the expectation, such as `turn-2.reply.contains`.
    pub id: String,
    /// How severe a failure is.
    pub level: Level,
    /// The verdict of the check.
    pub verdict: Verdict,
    /// What was expected.
    pub expected: String,
    /// What was observed. Text of the runtime is cut after 500 characters.
    pub actual: String,
}

/// Why a canary failed or could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// The code of the diagnosis. `coalmine explain CODE` prints its page.
    pub code: Code,
    /// The first layer on the turn's path where the observation differs from the expectation.
    pub layer: Layer,
    /// One sentence with the facts of this run.
    pub sentence: String,
    /// The last observation, if it says more than the sentence.
    pub cause: Option<String>,
    /// What to do next, if this is more specific than the page of the code.
    pub hint: Option<String>,
    /// The number of the turn that went wrong, from 1; absent if the diagnosis is not about a turn.
    pub turn: Option<u32>,
    /// The steps of the turn's path.
    pub path: Vec<PathStep>,
    /// The evidence, in the order in which to read it.
    pub evidence: Vec<Evidence>,
}

/// A step on the path of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathStep {
    /// The name of the step.
    pub step: Step,
    /// What is known about the step.
    pub mark: Mark,
    /// What was observed there, in a few words.
    pub note: String,
}

/// The steps on the path of a turn, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The client sent the message and the runtime accepted it.
    Sent,
    /// The session store contains what it should.
    Store,
    /// The fact reached the model.
    Prompt,
    /// The tools were called, and their results reached the model.
    Tool,
    /// The model gave the right answer.
    Answer,
    /// The answer reached the client.
    Reply,
}

impl Step {
    /// Returns the name in reports.
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

/// What is known about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// The step succeeded.
    Ok,
    /// The step is the first that failed.
    Broken,
    /// The step comes after the first that failed, and was not judged.
    After,
    /// The step could not be observed.
    Unknown,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What the text is, in a few words.
    pub what: String,
    /// The text itself, bounded; empty if it is only in the file.
    pub text: String,
    /// The file that contains it, relative to the run's folder.
    pub path: Option<String>,
}

/// A turn: one message of the user, and its outcome.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TurnReport {
    /// The number of the turn in the canary, from 1.
    pub number: u32,
    /// The canary's name for the conversation (`a`, `b`, …).
    pub context: String,
    /// The `contextId` on the wire.
    pub context_id: String,
    /// What the user said; empty if the message had no text.
    pub say: String,
    /// The names of the files that were sent with the message.
    pub files: Vec<String>,
    /// What the task asked the user before it went on (`input-required`), in order. Each was answered with `Yes, do that.`, and
    /// the reply is what came of the last answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<String>,
    /// The reply, with all text parts joined; absent if there was none.
    pub reply: Option<String>,
    /// Why there was no reply, or an error.
    pub error: Option<String>,
    /// The number of model calls of this turn.
    pub model_calls: u32,
    /// The duration in milliseconds.
    pub took_ms: u64,
    /// The files that contain what was sent and received, relative to the run's folder.
    pub wire: Vec<String>,
    /// The file that contains the session store after the turn, relative to the run's folder, if the store could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_store: Option<String>,
    /// The calls to the model in this turn, by their `seq` in `journal.ndjson`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_call_seqs: Vec<u64>,
    /// The calls to peer agents in this turn, by their `seq` in `journal.ndjson`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peer_call_seqs: Vec<u64>,
    /// Why the turn was left out, if it was.
    pub skipped: Option<String>,
    /// The last messages of the last prompt of this turn, in order. Turns of a canary that passed have none, and in a long
    /// conversation only the turn that went wrong has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt: Vec<PromptMessage>,
    /// Texts that this turn depends on and that are in none of its prompts; empty if the model was not called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Texts that must not reach the model in this turn and are in one of its prompts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwanted: Vec<String>,
}

/// A message that reached the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromptMessage {
    /// Who speaks: `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// The end of the message, at most 300 characters.
    pub text: String,
}

impl Diagnosis {
    /// Returns a diagnosis that is not about a turn, but about the run or the runtime as a whole.
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
