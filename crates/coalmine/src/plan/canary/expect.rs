//! What must come of a turn.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Texts;

/// What must come of a turn. That there is an answer at all is expected where nothing else is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// Whether there is an answer.
    #[serde(default)]
    pub answer: AnswerRule,
    /// Of what the user gets to see.
    #[serde(default)]
    pub reply: ReplyExpect,
    /// Of what reached the model in this turn.
    #[serde(default)]
    pub prompt: PromptExpect,
    /// Of the `contextId` that comes back.
    pub context: Option<ContextRule>,
    /// Texts that must be in one and the same session of the runtime's store.
    #[serde(default)]
    pub session: Texts,
    /// Of the memory tool.
    pub memory: Option<MemoryRule>,
    /// The most calls to the model that this turn may cause, until the runtime has become quiet.
    pub max_model_calls: Option<u32>,
    /// Of what a peer agent was asked in this turn.
    #[serde(default)]
    pub peer: PeerExpect,
    /// Files that must not be there afterwards: absolute paths with `*` and `**`.
    #[serde(default)]
    pub no_file: Texts,
}

/// Whether a turn is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerRule {
    /// There is an answer.
    #[default]
    Given,
    /// There is an answer, or an error that says so: nothing is passed off as an answer that is none.
    Honest,
    /// There is an answer or a refusal, and the connection holds.
    Any,
    /// The message is refused: an error of the protocol, or a task that is rejected or failed.
    Refused,
    /// The task is canceled, stays canceled, and nothing is added to it.
    Canceled,
    /// Nothing: the client goes away, or the runtime is killed.
    None,
}

/// Of what the user gets to see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReplyExpect {
    /// All of these are in the reply.
    #[serde(default)]
    pub contains: Texts,
    /// None of these is in the reply.
    #[serde(default)]
    pub lacks: Texts,
    /// All of these regular expressions, without regard to case, are found in the reply.
    #[serde(default)]
    pub matches: Texts,
    /// Facts of an `each` turn; none of the others' is in the reply or reaches the model.
    #[serde(default)]
    pub lacks_others: Texts,
    /// The number of an earlier turn of which the reply is the same, but for space.
    pub same_as: Option<u32>,
}

/// Of what reached the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PromptExpect {
    /// All of these reached the model in this turn.
    #[serde(default)]
    pub contains: Texts,
    /// None of these reached the model in this turn.
    #[serde(default)]
    pub lacks: Texts,
}

/// Of what a peer agent was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeerExpect {
    /// All of these were in the question.
    #[serde(default)]
    pub asked: Texts,
    /// None of these went along, in the question or beside it.
    #[serde(default)]
    pub lacks: Texts,
}

/// Of the `contextId` that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContextRule {
    /// It is the client's (1.0 §3.4.1: never silently replaced).
    Kept,
    /// There is one, though the client sent none (1.0 §3.4.1: generated ids are in the response).
    Made,
}

/// Of the memory tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryRule {
    /// The fact was committed in this turn, seen in the journal or the control plane.
    Written,
    /// The fact came back from memory in this turn.
    Read,
}

impl Expect {
    /// Everything that may hold facts, by key.
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
    /// Everything that may hold facts, by key.
    pub(super) fn lists(&self) -> [(&'static str, &Texts); 4] {
        [
            ("contains", &self.contains),
            ("lacks", &self.lacks),
            ("matches", &self.matches),
            ("lacks-others", &self.lacks_others),
        ]
    }
}
