//! A turn with everything filled in.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::{
    event::ModelMode,
    plan::{
        AnswerRule, AttachAs, Before, Condition, ContextRule, During, Facts, FileSpec, KeyProbe, MemoryRule,
        ModelFaults, Send, Turn,
    },
};

/// Files from this length on, in bytes, weigh on whatever else the runtime does.
const HEAVY: usize = 1 << 20;

/// A turn with everything filled in.
#[derive(Debug, Clone, Default)]
pub struct ScriptTurn {
    /// The canary's name for the conversation.
    pub context: String,
    /// What the user says; empty where only files are sent.
    pub say: String,
    /// The files that come along.
    pub files: Vec<Attachment>,
    /// The turn is left out where this does not hold.
    pub when: Option<Condition>,
    /// What is done with the runtime before the turn.
    pub before: Option<Before>,
    /// What the client does while the answer is on its way.
    pub during: Option<During>,
    /// What the model's answers suffer from.
    pub model_fault: ModelFaults,
    /// How the message is sent.
    pub send: Send,
    /// Turns in a row with the same word here are sent at once.
    pub parallel: Option<Arc<str>>,
    /// What the turn shows of the sessions' key.
    pub key: Option<KeyProbe>,
    /// Whether it is answered.
    pub answer: AnswerRule,
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
    /// Facts of the other contexts of an `each` turn, neither in the reply nor before the model. May hold the turn's own.
    pub others: Arc<[String]>,
    /// Facts of this context among `others`.
    pub own: Vec<String>,
    /// The same reply as in this turn, by its number among the script's turns, from 1.
    pub same_as: Option<u32>,
    /// The most calls to the model.
    pub max_model_calls: Option<u32>,
    /// In the question to a peer.
    pub peer_asked: Vec<String>,
    /// Not along with the question to a peer.
    pub peer_lacks: Vec<String>,
    /// Files that must not be there afterwards.
    pub no_file: Vec<String>,
}

/// A file with everything filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its MIME type.
    pub mime: String,
    /// What the user put into it; the bytes may hold more, and in another form.
    pub content: String,
    /// Its bytes.
    pub bytes: bytes::Bytes,
    /// How it is sent.
    pub attach: AttachAs,
}

impl ScriptTurn {
    pub(super) fn new(turn: &Turn, facts: &Facts, n: u32, model: ModelMode) -> Result<Self, regex::Error> {
        let fill_one = |text: &str| facts.fill(text).replace("{n}", &n.to_string());
        let fill = |texts: &[String]| texts.iter().map(|text| fill_one(text)).collect::<Vec<_>>();
        let reply = match &turn.canary_mode {
            Some(mode) if model == ModelMode::CanaryMode => &mode.reply,
            _ => &turn.expect.reply,
        };
        let pattern = |text: &String| {
            let filled = facts.fill_pattern(text).replace("{n}", &n.to_string());
            RegexBuilder::new(&filled).case_insensitive(true).build()
        };
        let expect = &turn.expect;
        let turn = Self {
            context: turn.context.clone(),
            say: turn.say.as_deref().map(fill_one).unwrap_or_default(),
            files: turn.all_files().map(|file| Attachment::new(file, fill_one)).collect(),
            when: turn.when,
            before: turn.before,
            during: turn.during,
            model_fault: turn.model_fault.clone(),
            send: turn.send,
            parallel: turn.parallel.as_deref().map(Into::into),
            key: turn.key,
            answer: expect.answer,
            context_rule: expect.context,
            memory: expect.memory,
            session: fill(&expect.session),
            prompt_contains: fill(&expect.prompt.contains),
            prompt_lacks: fill(&expect.prompt.lacks),
            reply_contains: fill(&reply.contains),
            reply_lacks: fill(&reply.lacks),
            reply_matches: reply.matches.iter().map(pattern).collect::<Result<_, _>>()?,
            others: Arc::default(),
            own: vec![],
            same_as: reply.same_as,
            max_model_calls: expect.max_model_calls,
            peer_asked: fill(&expect.peer.asked),
            peer_lacks: fill(&expect.peer.lacks),
            no_file: fill(&expect.no_file),
        };
        Ok(turn.judged_under(model, facts))
    }

    /// Without what nobody can see, or hold against it, under this model.
    fn judged_under(mut self, model: ModelMode, facts: &Facts) -> Self {
        if model != ModelMode::Simulated {
            // there is no prompt to look into
            self.prompt_contains.clear();
            self.prompt_lacks.clear();
        }
        if model == ModelMode::Live {
            // a model of its own is free in its words and in what it asks whom: only the facts are judged
            let told = |text: &String| facts.in_text(text).map(str::to_owned).collect::<Vec<_>>();
            self.reply_contains = self.reply_contains.iter().flat_map(told).collect();
            self.reply_lacks.retain(|text| facts.in_text(text).next().is_some());
            self.reply_matches.clear();
            self.peer_asked.clear();
            self.peer_lacks.clear();
            (self.same_as, self.max_model_calls) = (None, None);
            self.model_fault = ModelFaults::None;
        }
        self
    }

    /// Everything that the user gave away in this turn: words, file names, file contents.
    pub fn told(&self) -> String {
        let mut told = self.say.clone();
        for text in self.files.iter().flat_map(|file| [&file.name, &file.content]) {
            told.push('\n');
            told.push_str(text);
        }
        told
    }

    /// Whether its calls to the model can be told from those of others by what the user says, and nobody else feels it.
    pub fn disturbs_nobody(&self) -> bool {
        !self.say.is_empty()
            && self.before.is_none()
            && self.during != Some(During::Kill)
            && self.files.iter().all(|file| file.bytes.len() < HEAVY)
    }

    /// Returns whether the words of one turn stand in the other's: their calls to the model cannot be distinguished.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.say.contains(&other.say) || other.say.contains(&self.say)
    }

    /// Whether what comes after it waits until the runtime has done with it.
    pub fn ends_in_quiet(&self) -> bool {
        self.during.is_some() || self.max_model_calls.is_some()
    }

    /// Whether it is nothing but words, sent as the platform sends them, with an answer to come.
    pub fn is_plain(&self) -> bool {
        self.files.is_empty()
            && self.during.is_none()
            && self.model_fault == ModelFaults::None
            && self.send == Send::default()
            && self.answer == AnswerRule::Given
    }
}

impl Attachment {
    fn new(file: &FileSpec, fill: impl Fn(&str) -> String) -> Self {
        let content = fill(&file.content);
        Self {
            name: fill(&file.name),
            mime: file.mime.clone().unwrap_or_else(|| file.make.mime().to_owned()),
            bytes: file.make.bytes(&content, file.size).into(),
            content,
            attach: file.attach,
        }
    }
}
