//! A canary with its facts drawn: what will be said, to the letter.

use regex::{Regex, RegexBuilder};

use super::{AttachAs, Canary, Condition, ContextRule, Facts, MemoryRule, Turn};
use crate::event::BrainKind;

/// A canary, ready to be run.
#[derive(Debug, Clone)]
pub struct Script {
    /// The canary.
    pub canary: Canary,
    /// Its facts in this run.
    pub facts: Facts,
    /// Its turns in order.
    pub turns: Vec<ScriptTurn>,
}

/// A turn with everything filled in.
#[derive(Debug, Clone, Default)]
pub struct ScriptTurn {
    /// The canary's name for the conversation.
    pub context: String,
    /// What the user says; empty where only a file is sent.
    pub say: String,
    /// The file that comes along.
    pub file: Option<Attachment>,
    /// The turn is left out where this does not hold.
    pub when: Option<Condition>,
    /// Of the `contextId`.
    pub context_rule: Option<ContextRule>,
    /// Of the memory tool.
    pub memory: Option<MemoryRule>,
    /// In one session of the store.
    pub session: Vec<String>,
    /// Reached the model.
    pub prompt_contains: Vec<String>,
    /// Did not reach the model.
    pub prompt_lacks: Vec<String>,
    /// In the reply.
    pub reply_contains: Vec<String>,
    /// Not in the reply.
    pub reply_lacks: Vec<String>,
    /// Found in the reply.
    pub reply_matches: Vec<Regex>,
}

/// A file with everything filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its MIME type.
    pub mime: String,
    /// Its content.
    pub content: String,
    /// How it is sent.
    pub attach: AttachAs,
}

impl Script {
    /// Draws the facts and fills them in.
    ///
    /// # Errors
    /// A regular expression that breaks when a fact is put in; reading a canary rules that out but for the oddest.
    pub fn new(canary: Canary, seed: u64, brain: BrainKind) -> Result<Self, regex::Error> {
        let facts = Facts::draw(seed, &canary.id, &canary.facts);
        let turns =
            canary.turns.iter().map(|turn| ScriptTurn::new(turn, &facts, brain)).collect::<Result<_, _>>()?;
        Ok(Self { canary, facts, turns })
    }
}

impl ScriptTurn {
    fn new(turn: &Turn, facts: &Facts, brain: BrainKind) -> Result<Self, regex::Error> {
        let fill = |texts: &[String]| texts.iter().map(|text| facts.fill(text)).collect::<Vec<_>>();
        let simulated = brain == BrainKind::Simulated;
        let reply = match &turn.canary_mode {
            Some(mode) if !simulated => &mode.reply,
            _ => &turn.expect.reply,
        };
        // without a model there is no prompt to look into
        let prompt = |texts: &[String]| if simulated { fill(texts) } else { vec![] };
        let pattern =
            |text: &String| RegexBuilder::new(&facts.fill_pattern(text)).case_insensitive(true).build();
        Ok(Self {
            context: turn.context.clone(),
            say: turn.say.as_deref().map(|say| facts.fill(say)).unwrap_or_default(),
            file: turn.file.as_ref().map(|file| Attachment {
                name: facts.fill(&file.name),
                mime: file.mime.clone(),
                content: facts.fill(&file.content),
                attach: file.attach,
            }),
            when: turn.when,
            context_rule: turn.expect.context,
            memory: turn.expect.memory,
            session: fill(&turn.expect.session),
            prompt_contains: prompt(&turn.expect.prompt.contains),
            prompt_lacks: prompt(&turn.expect.prompt.lacks),
            reply_contains: fill(&reply.contains),
            reply_lacks: fill(&reply.lacks),
            reply_matches: reply.matches.iter().map(pattern).collect::<Result<_, _>>()?,
        })
    }

    /// Everything that the user gave away in this turn: words, file name, file content.
    pub fn told(&self) -> String {
        match &self.file {
            None => self.say.clone(),
            Some(file) => format!("{}\n{}\n{}", self.say, file.name, file.content),
        }
    }
}
