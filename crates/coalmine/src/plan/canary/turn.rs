//! One user message: what is said, and how it is sent.

use coalmine_world::ModelFault;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Expect, FileSpec, ReplyExpect};
use crate::plan::Condition;

/// One user message and what must come of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Turn {
    /// Which conversation: turns with the same name share a `contextId`.
    pub context: String,
    /// What the user says; `{fact}` is filled in.
    pub say: Option<String>,
    /// A file that comes along.
    pub file: Option<FileSpec>,
    /// More files that come along.
    #[serde(default)]
    pub files: Vec<FileSpec>,
    /// The turn is left out where this does not hold.
    pub when: Option<Condition>,
    /// What is done with the runtime before the turn.
    pub before: Option<Before>,
    /// What the client does while the answer is on its way.
    pub during: Option<During>,
    /// What the model's answers suffer from during this turn: one model fault for all of them, or a list, one for each.
    #[serde(default, deserialize_with = "model_faults")]
    #[schemars(with = "Option<super::texts::OneOrMany>")]
    pub model_fault: ModelFaults,
    /// How the message is sent.
    #[serde(default)]
    pub send: Send,
    /// Turns in a row with the same word here are sent at once.
    pub parallel: Option<String>,
    /// How often the turn is taken, one after the other; `{n}` is its number, from 1.
    #[serde(default = "once")]
    pub repeat: u32,
    /// The turn is taken in many contexts at once, each with facts of its own; how many, `--contexts` says.
    #[serde(default)]
    pub each: bool,
    /// What the turn shows of the key on which sessions hang.
    pub key: Option<KeyProbe>,
    /// What must come of it.
    #[serde(default)]
    pub expect: Expect,
    /// What must come of it where the runtime answers in canary mode, in place of `expect.reply`.
    pub canary_mode: Option<CanaryMode>,
}

fn once() -> u32 {
    1
}

/// Expectations for canary mode.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CanaryMode {
    /// In place of `expect.reply`.
    pub reply: ReplyExpect,
}

/// How a message is sent; as the platform does where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Send {
    /// As a stream.
    pub stream: bool,
    /// In the dialect that is not in use otherwise.
    pub other_dialect: bool,
    /// With which `contextId`.
    pub context: SendContext,
    /// With which `taskId`.
    pub task: SendTask,
    /// The message before it in this context once more, to the letter, `messageId` included.
    pub again: bool,
}

/// With which `contextId` a message is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SendContext {
    /// The conversation's.
    #[default]
    Own,
    /// None.
    None,
    /// A fresh one that belongs to no task.
    Foreign,
}

/// With which `taskId` a message is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SendTask {
    /// That of a task that waits for the user, else none.
    #[default]
    Waiting,
    /// That of the context's last task, whatever became of it.
    Last,
    /// As `last`; and where that is refused, as it must be for a task that is over, once more without it.
    FollowUp,
}

/// What is done with the runtime before a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// It is stopped, as an operator would, and started on the same disk.
    Restart,
    /// Its container is removed and made anew, with the profile's volumes.
    Recreate,
}

/// What the client does while the answer is on its way: once the model was called and, in a stream, something came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum During {
    /// It hangs up.
    HangUp,
    /// It cancels the task.
    Cancel,
    /// It hangs up and subscribes to the task again.
    Resubscribe,
    /// The runtime is killed (SIGKILL) and started on the same disk.
    Kill,
}

/// What a turn shows of the key on which sessions hang. The reply knows the fact in `expect.reply.contains`, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyProbe {
    /// Asked in the context in which the fact was told.
    SameContext,
    /// Asked there with the task in which it was told.
    SameTask,
    /// Asked in another context.
    OtherContext,
}

/// ModelFaults of the model's answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ModelFaults {
    /// None.
    #[default]
    None,
    /// The same for all.
    All(ModelFault),
    /// One for each, in order; later ones suffer nothing.
    Each(Vec<ModelFault>),
}

impl ModelFaults {
    /// Those that are named: as many answers suffer at least, where the model is asked so often.
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
    let read = |text: &String| text.parse::<ModelFault>().map_err(D::Error::custom);
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(text) => ModelFaults::All(read(&text)?),
        OneOrMany::Many(texts) => ModelFaults::Each(texts.iter().map(read).collect::<Result<_, _>>()?),
    })
}

impl Turn {
    /// All files that come along.
    pub fn all_files(&self) -> impl Iterator<Item = &FileSpec> {
        self.file.iter().chain(&self.files)
    }

    /// Whether the runtime is ended in this turn.
    pub fn ends_the_runtime(&self) -> bool {
        self.before.is_some() || self.during == Some(During::Kill)
    }
}
