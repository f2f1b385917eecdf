//! What is expected of a turn.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Texts;

/// What is expected of a turn. By default, only an answer is expected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// How the turn must be answered. Defaults to `given`.
    #[serde(default)]
    pub answer: AnswerRule,
    /// What is expected of the reply, which is what the user sees.
    #[serde(default)]
    pub reply: ReplyExpect,
    /// What is expected of the prompts of this turn.
    #[serde(default)]
    pub prompt: PromptExpect,
    /// What is expected of the `contextId` in the response.
    pub context: Option<ContextRule>,
    /// Texts that must all be in one session of the runtime's store.
    #[serde(default)]
    pub session: Texts,
    /// What is expected of the memory. It is observed in the journal, the control plane or the memory folder.
    pub memory: Option<MemoryRule>,
    /// The highest number of model calls that this turn may cause until the runtime is quiet.
    pub max_model_calls: Option<u32>,
    /// What is expected of the questions to peer agents in this turn.
    #[serde(default)]
    pub peer: PeerExpect,
    /// Files that must not exist after the turn: absolute paths, in which `*` and `**` are wildcards.
    #[serde(default)]
    pub no_file: Texts,
}

/// How a turn must be answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerRule {
    /// There is an answer.
    #[default]
    Given,
    /// There is an answer, or an error that is reported as an error.
    Honest,
    /// There is an answer or a refusal, and the connection does not break.
    Any,
    /// The message is refused: by a protocol error, or by a task that is rejected or failed.
    Refused,
    /// The task is canceled, stays canceled, and gets no more content.
    Canceled,
    /// No answer is expected, because the client disconnects or the runtime is killed.
    None,
}

/// What is expected of the reply, which is what the user sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReplyExpect {
    /// Texts that must all be in the reply.
    #[serde(default)]
    pub contains: Texts,
    /// Texts that must not be in the reply.
    #[serde(default)]
    pub lacks: Texts,
    /// Regular expressions, case-insensitive, that must all match in the reply.
    #[serde(default)]
    pub matches: Texts,
    /// Facts in braces, for an `each` turn. The values that other conversations have for them must be neither
    /// in the reply nor in the prompt.
    #[serde(default)]
    pub lacks_others: Texts,
    /// The number in the file, from 1, of an earlier turn that must have the same reply, apart from white
    /// space.
    pub same_as: Option<u32>,
}

/// What is expected of the prompts of a turn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PromptExpect {
    /// Texts that must all have reached the model in this turn.
    #[serde(default)]
    pub contains: Texts,
    /// Texts that must not have reached the model in this turn.
    #[serde(default)]
    pub lacks: Texts,
}

/// What is expected of the questions to peer agents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeerExpect {
    /// Texts that must all be in the question.
    #[serde(default)]
    pub asked: Texts,
    /// Texts that must not be in the question or in anything sent with it.
    #[serde(default)]
    pub lacks: Texts,
}

/// What is expected of the `contextId` in the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContextRule {
    /// It is the one that the client sent (A2A 1.0 §3.4.1: it is never silently replaced).
    Kept,
    /// There is one although the client sent none (A2A 1.0 §3.4.1: generated ids are in the response).
    Made,
}

/// What is expected of the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryRule {
    /// The fact was written to the memory in this turn.
    Written,
    /// The fact was read from the memory in this turn.
    Read,
}

impl Expect {
    /// Returns every list of texts that may contain facts, with its key.
    pub(super) fn lists(&self) -> [(&'static str, &Texts); 10] {
        let [contains, lacks, matches, others] = self.reply.lists().map(|(_, texts)| texts);
        [
            ("reply/contains", contains),
            ("reply/lacks", lacks),
            ("reply/matches", matches),
            ("reply/lacks-others", others),
            ("prompt/contains", &self.prompt.contains),
            ("prompt/lacks", &self.prompt.lacks),
            ("peer/asked", &self.peer.asked),
            ("peer/lacks", &self.peer.lacks),
            ("session", &self.session),
            ("no-file", &self.no_file),
        ]
    }
}

impl ReplyExpect {
    /// Returns every list of texts that may contain facts, with its key.
    pub(super) fn lists(&self) -> [(&'static str, &Texts); 4] {
        [
            ("contains", &self.contains),
            ("lacks", &self.lacks),
            ("matches", &self.matches),
            ("lacks-others", &self.lacks_others),
        ]
    }
}
