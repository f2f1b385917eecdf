//! A canary as a person writes it.

mod turn;
mod file;
mod expect;
mod texts;
mod skill_peer;
mod schema;
pub(in crate::plan) mod check;

use std::collections::BTreeMap;

use coalmine_world::model::Rule;
pub use expect::{AnswerRule, ContextRule, Expect, MemoryRule, PeerExpect, PromptExpect, ReplyExpect};
pub use file::{AttachAs, FileSpec, Make, Size};
use schemars::JsonSchema;
use serde::Deserialize;
pub use skill_peer::{PeerSpec, SkillSpec};
pub use texts::Texts;
pub use turn::{Before, CanaryMode, During, KeyProbe, ModelFaults, Send, SendContext, SendTask, Turn};

use super::{FactKind, SourceError, facts::fill_shapes, parse};
use crate::event::Level;

/// A canary: a scripted conversation with expectations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Canary {
    /// The name on the command line and in reports: lower-case letters, digits and hyphens.
    pub id: String,
    /// The number, if the canary has one.
    pub number: Option<u32>,
    /// One line that says what holds if the canary passes.
    pub title: String,
    /// How severe a failure is.
    pub level: Level,
    /// What the runtime must offer. Otherwise the canary is skipped.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// The facts that are drawn for each run: name to kind.
    #[serde(default)]
    pub facts: BTreeMap<String, FactKind>,
    /// Ways to say the same: name to texts. One of them is drawn for each run, and the patterns of rules match
    /// all of them.
    #[serde(default)]
    pub wordings: BTreeMap<String, Texts>,
    /// Inspections of the runtime itself, before the first turn.
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// The skills that the runtime is given before it starts.
    #[serde(default, rename = "skill")]
    pub skills: Vec<SkillSpec>,
    /// The agents that the runtime can ask.
    #[serde(default, rename = "peer")]
    pub peers: Vec<PeerSpec>,
    /// The user's messages, in order.
    #[serde(default, rename = "turn")]
    pub turns: Vec<Turn>,
    /// What a competent model would do. The first rule that matches answers.
    #[serde(default, rename = "model")]
    #[schemars(with = "Vec<schema::RuleSchema>")]
    pub rules: Vec<Rule>,
}

/// What a canary needs the runtime to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A memory that outlives a context (`memory.promise`).
    Memory,
    /// A memory folder that can be inspected (`MOLECULE_MEMORY_ROOT`).
    MemoryRoot,
    /// Streaming, as declared on the agent card.
    Streaming,
    /// Both A2A dialects, as declared on the agent card.
    Dialects,
    /// Fetching files that are sent as links (`attachments.link`).
    Links,
    /// Reading files that are sent with a message (`attachments.text`).
    Files,
    /// Reading images and PDFs (`attachments.binary`).
    Binaries,
    /// A runtime that coalmine started, and can stop, kill and start again.
    Restart,
    /// A runtime as for `restart`, whose sessions outlive the process (`session.restart`).
    KeptSessions,
    /// A container that can be recreated with its volumes (`session.volumes`).
    Recreate,
    /// A folder for skills (`skills.folder`).
    Skills,
    /// A tool for asking other agents (`peers.promise`).
    Peers,
    /// The simulated model, whose calls can be observed and made to fail.
    Model,
}

/// An inspection of the runtime itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// The agent card is served, is complete, and names a JSON-RPC interface.
    AgentCard,
    /// The memory folder exists and the runtime can write to it.
    MemoryRoot,
}

impl Canary {
    /// Reads a canary and checks everything that can be checked without running it. `file` only names the
    /// file in errors.
    ///
    /// # Errors
    /// Returns the first problem, with its place in the file.
    pub fn read(file: &str, text: &str) -> Result<Self, SourceError> {
        let canary: Self = parse(file, text)?;
        check::check(&canary).map_err(|problem| SourceError::placed(file, text, problem))?;
        Ok(canary.with_shapes())
    }

    /// Reads a canary that the tests have checked.
    ///
    /// # Errors
    /// Fails if the text cannot be parsed.
    pub(in crate::plan) fn read_unchecked(file: &str, text: &str) -> Result<Self, SourceError> {
        Ok(parse::<Self>(file, text)?.with_shapes())
    }

    /// Fills the shapes of facts, and the wordings, into the patterns of rules and peers.
    fn with_shapes(mut self) -> Self {
        let canary = &mut self;
        let rules = canary.rules.iter_mut();
        let rules = rules.flat_map(|rule| [Some(&mut rule.when), rule.read.as_mut(), rule.recall.as_mut()]);
        let peers = canary.peers.iter_mut().flat_map(|peer| &mut peer.answer);
        for pattern in rules.flatten().chain(peers.map(|answer| &mut answer.when)) {
            *pattern = fill_shapes(pattern, &canary.facts, &canary.wordings);
        }
        self
    }

    /// Returns the names of the facts that skills and peers hold before the runtime starts.
    pub(in crate::plan) fn given_facts(&self) -> impl Iterator<Item = &str> {
        check::texts::given(self).into_iter().flat_map(|(_, text)| check::names_in_braces(text))
    }

    /// Returns whether the canary stops and starts the runtime, so that no other canary can run at the same
    /// time.
    pub fn ends_the_runtime(&self) -> bool {
        self.turns.iter().any(Turn::ends_the_runtime)
    }

    /// Returns whether the canary kills the runtime and needs its sessions to survive that.
    pub(crate) fn kills_the_runtime(&self) -> bool {
        let kills = self.turns.iter().any(|turn| turn.during == Some(During::Kill));
        kills && self.needs.contains(&Need::KeptSessions)
    }

    /// Returns whether the canary sends messages, which need a model that answers.
    pub fn converses(&self) -> bool {
        !self.turns.is_empty()
    }
}
