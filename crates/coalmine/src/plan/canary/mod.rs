//! A canary as a person writes it.

pub(in crate::plan) mod check;
mod expect;
mod file;
mod schema;
mod surroundings;
mod texts;
mod turn;

use std::collections::BTreeMap;

use coalmine_world::model::Rule;
pub use expect::{AnswerRule, ContextRule, Expect, MemoryRule, PeerExpect, PromptExpect, ReplyExpect};
pub use file::{AttachAs, FileSpec, Make, Size};
use schemars::JsonSchema;
use serde::Deserialize;
pub use surroundings::{PeerSpec, SkillSpec};
pub use texts::Texts;
pub use turn::{Before, CanaryMode, During, KeyProbe, ModelFaults, Send, SendContext, SendTask, Turn};

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
        let canary: Self = parse(file, text)?;
        check::check(&canary).map_err(|wrong| SourceError::placed(file, text, wrong))?;
        Ok(canary.ready())
    }

    /// Reads a canary that the tests have checked.
    ///
    /// # Errors
    /// Whatever keeps it from being read at all.
    pub(in crate::plan) fn checked_before(file: &str, text: &str) -> Result<Self, SourceError> {
        Ok(parse::<Self>(file, text)?.ready())
    }

    /// With the facts' shapes in its patterns.
    fn ready(mut self) -> Self {
        let canary = &mut self;
        let rules = canary.rules.iter_mut();
        let rules = rules.flat_map(|rule| [Some(&mut rule.when), rule.read.as_mut(), rule.recall.as_mut()]);
        let peers = canary.peers.iter_mut().flat_map(|peer| &mut peer.answer);
        for pattern in rules.flatten().chain(peers.map(|answer| &mut answer.when)) {
            *pattern = fill_shapes(pattern, &canary.facts);
        }
        self
    }

    /// Names of the facts that the runtime or its surroundings are given before it starts.
    pub(in crate::plan) fn given_facts(&self) -> impl Iterator<Item = &str> {
        check::texts::around(self).into_iter().flat_map(|(_, text)| check::names_in_braces(text))
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
