//! One message of the user: what it says, and how it is sent.

use coalmine_world::ModelFault;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Expect, FileSpec, ReplyExpect};
use crate::plan::Condition;

/// One message of the user, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Turn {
    /// The name of the conversation. Turns with the same name share a `contextId`.
    pub context: String,
    /// What the user says. Facts in braces are filled in.
    pub say: Option<String>,
    /// A file that is sent with the message.
    pub file: Option<FileSpec>,
    /// More files that are sent with the message.
    #[serde(default)]
    pub files: Vec<FileSpec>,
    /// The condition under which the turn is sent. Otherwise it is left out.
    pub when: Option<Condition>,
    /// What happens to the runtime before the turn.
    pub before: Option<Before>,
    /// What happens while the answer is on its way: once the model was called and, in a stream, the first
    /// event arrived.
    pub during: Option<During>,
    /// The faults that are injected into the model's answers in this turn: one fault for all answers, or a
    /// list with one fault for each. A fault is an HTTP status from 400 to 599, `429:2s`, `cut`, `reset`,
    /// `slow-first:2s` or `slow-words:100ms`.
    #[serde(default, deserialize_with = "model_faults")]
    #[schemars(with = "Option<super::texts::OneOrMany>")]
    pub model_fault: ModelFaults,
    /// How the message is sent.
    #[serde(default)]
    pub send: Send,
    /// A word of your choice. Consecutive turns with the same word are sent in parallel.
    pub parallel: Option<String>,
    /// How often the turn is sent, one after the other: 1 to 200. `{n}` is the number, from 1. Defaults to 1.
    #[serde(default = "once")]
    pub repeat: u32,
    /// Whether the turn is sent in many conversations in parallel, each with facts of its own. `--contexts`
    /// sets their number.
    #[serde(default)]
    pub each: bool,
    /// What the turn shows about what sessions are keyed by.
    pub key: Option<KeyProbe>,
    /// What is expected of the turn.
    #[serde(default)]
    pub expect: Expect,
    /// What is expected instead with `--model canary-mode`.
    pub canary_mode: Option<CanaryMode>,
}

fn once() -> u32 {
    1
}

/// Expectations for `--model canary-mode`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CanaryMode {
    /// Replaces `expect.reply`.
    pub reply: ReplyExpect,
}

/// How a message is sent. By default it is sent as the platform does it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Send {
    /// Whether the answer is requested as a stream.
    pub stream: bool,
    /// Whether the message is sent in the A2A dialect that the run does not use otherwise.
    pub other_dialect: bool,
    /// Which `contextId` is sent. Defaults to `own`.
    pub context: SendContext,
    /// Which `taskId` is sent. Defaults to `waiting`.
    pub task: SendTask,
    /// Whether the previous message of this context is sent again unchanged, with the same `messageId`.
    pub again: bool,
}

/// The `contextId` of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SendContext {
    /// The id of the conversation.
    #[default]
    Own,
    /// No id.
    None,
    /// A new id that belongs to no task.
    Foreign,
}

/// The `taskId` of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SendTask {
    /// The id of the task that waits for the user, if there is one.
    #[default]
    Waiting,
    /// The id of the last task of the context, whatever its state is.
    Last,
    /// The id of the last task, as for `last`. If the message is refused, as it must be if that task is
    /// finished, it is sent again without an id.
    FollowUp,
}

/// What happens to the runtime before a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// The runtime is stopped in the regular way, and started on the same disk.
    Restart,
    /// The container is removed and recreated with the profile's volumes.
    Recreate,
}

/// What happens while the answer to a turn is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum During {
    /// The client hangs up.
    HangUp,
    /// The client cancels the task.
    Cancel,
    /// The client hangs up and subscribes to the task again.
    Resubscribe,
    /// The runtime is killed (SIGKILL) and started on the same disk.
    Kill,
}

/// What a turn shows about what sessions are keyed by. The reply either knows the fact in
/// `expect.reply.contains` or not; neither is a failure by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyProbe {
    /// The turn asks in the context in which the fact was stated.
    SameContext,
    /// The turn asks in the task in which the fact was stated.
    SameTask,
    /// The turn asks in another context.
    OtherContext,
}

/// The faults that are injected into the model's answers in a turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ModelFaults {
    /// No fault.
    #[default]
    None,
    /// The same fault for all answers.
    All(ModelFault),
    /// One fault for each answer, in order. Later answers have none.
    Each(Vec<ModelFault>),
}

impl ModelFaults {
    /// Returns the faults that are named.
    pub fn named(&self) -> &[ModelFault] {
        match self {
            Self::None => &[],
            Self::All(model_fault) => std::slice::from_ref(model_fault),
            Self::Each(list) => list,
        }
    }
}

fn model_faults<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ModelFaults, D::Error> {
    use super::texts::OneOrMany;
    let faults = match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(text) => text.parse().map(ModelFaults::All),
        OneOrMany::Many(texts) => {
            texts.iter().map(|text| text.parse()).collect::<Result<_, _>>().map(ModelFaults::Each)
        }
    };
    faults.map_err(D::Error::custom)
}

impl Turn {
    /// Returns all files that are sent with the message.
    pub fn all_files(&self) -> impl Iterator<Item = &FileSpec> {
        self.file.iter().chain(&self.files)
    }

    /// Returns whether the runtime is stopped or killed in this turn.
    pub fn ends_the_runtime(&self) -> bool {
        self.before.is_some() || self.during == Some(During::Kill)
    }
}
