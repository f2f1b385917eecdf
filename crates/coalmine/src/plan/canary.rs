//! A canary as a person writes it.

use std::collections::BTreeMap;

use coalmine_world::brain::Rule;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Condition, FactKind, SourceError, facts::fill_shapes, parse};
use crate::event::Level;

/// One scripted conversation with expectations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Canary {
    /// Names it on the command line and in reports: lower case and hyphens.
    pub id: String,
    /// Its number, where it has one.
    pub number: Option<u32>,
    /// One line: what holds when it passes.
    pub title: String,
    /// How much a failure weighs.
    pub level: Level,
    /// What the runtime must promise, else the canary is skipped.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Facts to draw for each run, by name.
    #[serde(default)]
    pub facts: BTreeMap<String, FactKind>,
    /// Looks at the runtime itself, before the first turn.
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// The conversation.
    #[serde(default, rename = "turn")]
    pub turns: Vec<Turn>,
    /// What a competent model would do. The first rule that fits answers.
    #[serde(default, rename = "model")]
    #[schemars(with = "Vec<RuleSchema>")]
    pub rules: Vec<Rule>,
}

/// What a runtime must promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A memory tool that outlives a context.
    Memory,
    /// A folder of memories that can be looked at (`MOLECULE_MEMORY_ROOT`).
    MemoryRoot,
}

/// A look at the runtime itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// The card is served, is complete, and names a JSON-RPC interface.
    AgentCard,
    /// The memory root is a folder that the runtime may write to.
    MemoryRoot,
}

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
    /// The turn is left out where this does not hold.
    pub when: Option<Condition>,
    /// What must come of it.
    #[serde(default)]
    pub expect: Expect,
    /// What must come of it where the runtime answers in canary mode, in place of `expect.reply`.
    pub canary_mode: Option<CanaryMode>,
}

/// Expectations for canary mode.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CanaryMode {
    /// In place of `expect.reply`.
    pub reply: ReplyExpect,
}

/// A file that a user sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileSpec {
    /// Its name; `{fact}` is filled in.
    pub name: String,
    /// Its text; `{fact}` is filled in.
    pub content: String,
    /// Its MIME type.
    #[serde(default = "text_plain")]
    pub mime: String,
    /// How it is sent.
    #[serde(default, rename = "as")]
    pub attach: AttachAs,
}

fn text_plain() -> String {
    "text/plain".into()
}

/// How a file is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttachAs {
    /// Its bytes in the message.
    #[default]
    Inline,
    /// Uploaded to the platform first; the message holds the link.
    Link,
}

/// What must come of a turn. That there is an answer at all is always expected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// Of what the user gets to see.
    #[serde(default)]
    pub reply: ReplyExpect,
    /// Of what reached the model in this turn.
    #[serde(default)]
    pub prompt: PromptExpect,
    /// Of the `contextId` that comes back.
    pub context: Option<ContextRule>,
    /// Texts that must be in one and the same session of the runtime's store.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub session: Vec<String>,
    /// Of the memory tool.
    pub memory: Option<MemoryRule>,
}

/// Of what the user gets to see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReplyExpect {
    /// All of these are in the reply.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub contains: Vec<String>,
    /// None of these is in the reply.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub lacks: Vec<String>,
    /// All of these regular expressions, without regard to case, are found in the reply.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub matches: Vec<String>,
}

/// Of what reached the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PromptExpect {
    /// All of these reached the model in this turn.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub contains: Vec<String>,
    /// None of these reached the model in this turn.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub lacks: Vec<String>,
}

/// Of the `contextId` that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContextRule {
    /// It is the client's (1.0 §3.4.1: never silently replaced).
    Kept,
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

/// For the schema: a text or a list of texts.
#[derive(JsonSchema, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    })
}

/// For the schema: [`Rule`], which belongs to the world and knows no schema.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its shape is used")]
struct RuleSchema {
    /// Regular expression, looked for in the question.
    when: String,
    /// Regular expression with named groups that must be found in the question.
    read: Option<String>,
    /// Regular expression with named groups that must be found in the prompt outside the question.
    recall: Option<String>,
    /// A tool to call first, where the runtime offers one.
    call: Option<CallSchema>,
    /// What to answer.
    reply: String,
    /// What to answer where `read` or `recall` finds nothing.
    otherwise: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct CallSchema {
    /// What the tool is for, such as `memory-write`.
    role: String,
    /// The text to hand to it.
    with: String,
    /// Texts for arguments of these names; those that the tool does not have are left out.
    args: Option<BTreeMap<String, String>>,
}

impl Canary {
    /// Reads a canary and checks all that can be checked without running it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read(file: &str, text: &str) -> Result<Self, SourceError> {
        let mut canary: Self = parse(file, text)?;
        let wrong = |needle: &str, message: String| SourceError::at(file, text, needle, message);
        let well_named = |id: &str| {
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !well_named(&canary.id) {
            return Err(wrong(
                &canary.id,
                "an `id` is made of lower-case letters, digits and hyphens".into(),
            ));
        }
        if canary.turns.is_empty() && canary.probes.is_empty() {
            return Err(wrong("", "a canary needs at least one `[[turn]]` or one of `probes`".into()));
        }
        for turn in &canary.turns {
            turn.check(&canary.facts).map_err(|(needle, message)| wrong(&needle, message))?;
        }
        for rule in &mut canary.rules {
            for pattern in
                [Some(&mut rule.when), rule.read.as_mut(), rule.recall.as_mut()].into_iter().flatten()
            {
                *pattern = fill_shapes(pattern, &canary.facts);
            }
        }
        coalmine_world::brain::Brain::new(canary.rules.clone(), &Default::default())
            .map_err(|error| wrong("[[model]]", error.to_string()))?;
        Ok(canary)
    }

    /// Whether anything is said to the runtime: such canaries need a model that answers.
    pub fn converses(&self) -> bool {
        !self.turns.is_empty()
    }
}

impl Turn {
    fn check(&self, facts: &BTreeMap<String, FactKind>) -> Result<(), (String, String)> {
        if self.say.is_none() && self.file.is_none() {
            let message = "a turn needs `say`, `file` or both";
            return Err((format!("\"{}\"", self.context), message.into()));
        }
        let reply = self.expect.reply.all().chain(self.canary_mode.iter().flat_map(|mode| mode.reply.all()));
        let texts = reply
            .chain(&self.expect.prompt.contains)
            .chain(&self.expect.prompt.lacks)
            .chain(&self.expect.session)
            .chain(&self.say)
            .chain(self.file.iter().flat_map(|file| [&file.name, &file.content]));
        for text in texts {
            if let Some(name) = names_in_braces(text).find(|name| !facts.contains_key(*name)) {
                let near = super::nearest(name, facts.keys().map(String::as_str));
                let hint = near.map_or(String::new(), |near| format!("; did you mean `{{{near}}}`?"));
                return Err((format!("{{{name}}}"), format!("`{{{name}}}` is none of the `[facts]`{hint}")));
            }
        }
        let patterns =
            self.canary_mode.iter().flat_map(|mode| &mode.reply.matches).chain(&self.expect.reply.matches);
        for pattern in patterns {
            let tried =
                facts.keys().fold(pattern.clone(), |text, name| text.replace(&format!("{{{name}}}"), "x"));
            regex::Regex::new(&tried)
                .map_err(|error| (pattern.clone(), format!("no regular expression: {error}")))?;
        }
        Ok(())
    }
}

impl ReplyExpect {
    fn all(&self) -> impl Iterator<Item = &String> {
        self.contains.iter().chain(&self.lacks).chain(&self.matches)
    }
}

/// Names in braces, as facts are written; `{2,3}` of a regular expression is none.
fn names_in_braces(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        (name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .then_some(name)
    })
}
