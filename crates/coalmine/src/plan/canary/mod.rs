//! A canary as a person writes it.

mod expect;
mod file;
mod schema;
mod surroundings;
mod texts;
mod turn;

use std::collections::BTreeMap;

use coalmine_world::brain::Rule;
use schemars::JsonSchema;
use serde::Deserialize;

pub use expect::{AnswerRule, ContextRule, Expect, MemoryRule, PeerExpect, PromptExpect, ReplyExpect};
pub use file::{AttachAs, FileSpec, Make, Size};
pub use surroundings::{PeerSpec, SkillSpec};
pub use texts::Texts;
pub use turn::{Before, CanaryMode, KeyProbe, Meanwhile, Send, SendContext, SendTask, Troubles, Turn};

use super::{FactKind, SourceError, facts::fill_shapes, parse};
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
    /// Skills that the runtime is given before it starts.
    #[serde(default, rename = "skill")]
    pub skills: Vec<SkillSpec>,
    /// Agents that the runtime can ask.
    #[serde(default, rename = "peer")]
    pub peers: Vec<PeerSpec>,
    /// The conversation.
    #[serde(default, rename = "turn")]
    pub turns: Vec<Turn>,
    /// What a competent model would do. The first rule that fits answers.
    #[serde(default, rename = "model")]
    #[schemars(with = "Vec<schema::RuleSchema>")]
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
    /// Answers that come as streams (the card says so).
    Streaming,
    /// Both dialects on one endpoint (the card says so).
    Dialects,
    /// Files that come as links (`attachments.link`).
    Links,
    /// Images and PDFs (`attachments.binary`).
    Binaries,
    /// A runtime that can be stopped, killed and started from here.
    Restart,
    /// The same, and sessions that outlive the process (`session.restart`).
    KeptSessions,
    /// A container that can be made anew, with volumes (`session.volumes`).
    Recreate,
    /// A folder into which skills are put before the start (`skills.folder`).
    Skills,
    /// A tool with which other agents are asked (`peers.promise`).
    Peers,
    /// The simulated model, whose calls are seen and which can be made to fail.
    Model,
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
        for (at, turn) in canary.turns.iter().enumerate() {
            turn.check(at + 1, &canary.facts).map_err(|(needle, message)| {
                SourceError::in_block(file, text, ("[[turn]]", at + 1), &needle, message)
            })?;
        }
        let names = canary.skills.iter().map(|skill| &skill.name);
        if let Some(name) =
            names.chain(canary.peers.iter().map(|peer| &peer.id)).find(|name| !well_named(name))
        {
            let message = "the `name` of a skill and the `id` of a peer are made of lower-case letters, digits and hyphens";
            return Err(wrong(&format!("\"{name}\""), message.into()));
        }
        for pattern in canary.peers.iter().flat_map(|peer| &peer.answer).map(|answer| &answer.when) {
            regex::Regex::new(pattern).map_err(|error| {
                wrong(&format!("\"{pattern}\""), format!("no regular expression: {error}"))
            })?;
        }
        for text in canary.surroundings() {
            if let Some(name) = names_in_braces(text).find(|name| !canary.facts.contains_key(*name)) {
                return Err(wrong(&format!("{{{name}}}"), format!("`{{{name}}}` is none of the `[facts]`")));
            }
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

    /// All texts of skills and peers.
    fn surroundings(&self) -> impl Iterator<Item = &String> {
        let skills = self.skills.iter().flat_map(SkillSpec::texts);
        skills.chain(self.peers.iter().flat_map(PeerSpec::texts))
    }

    /// Names of the facts that the runtime or its surroundings are given before it starts.
    pub(in crate::plan) fn given_facts(&self) -> impl Iterator<Item = &str> {
        self.surroundings().flat_map(|text| names_in_braces(text))
    }

    /// Whether the runtime is ended and started in it, so that nothing else can go on beside it.
    pub fn ends_the_runtime(&self) -> bool {
        self.turns.iter().any(Turn::ends_the_runtime)
    }

    /// Whether anything is said to the runtime: such canaries need a model that answers.
    pub fn converses(&self) -> bool {
        !self.turns.is_empty()
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
