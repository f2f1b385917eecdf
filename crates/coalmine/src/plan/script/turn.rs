//! Turns with everything filled in.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::{
    event::ModelMode,
    plan::{
        AnswerRule, AttachAs, Before, Condition, ContextRule, During, Facts, FileSpec, KeyProbe, MemoryRule,
        ModelFaults, Send, Turn,
    },
};

/// The length in bytes from which a file may slow down other turns of the runtime.
const LARGE_FILE: usize = 1 << 20;

/// A turn with everything filled in.
#[derive(Debug, Clone, Default)]
pub struct ScriptTurn {
    /// The canary's name for the conversation.
    pub context: String,
    /// What the user says; empty if only files are sent.
    pub say: String,
    /// The files that are sent with the message.
    pub files: Vec<Attachment>,
    /// The condition under which the turn is sent.
    pub when: Option<Condition>,
    /// What happens to the runtime before the turn.
    pub before: Option<Before>,
    /// What happens while the answer is on its way.
    pub during: Option<During>,
    /// The faults that are injected into the model's answers.
    pub model_fault: ModelFaults,
    /// How the message is sent.
    pub send: Send,
    /// A word that consecutive turns share if they are sent in parallel.
    pub parallel: Option<Arc<str>>,
    /// What the turn shows about what sessions are keyed by.
    pub key: Option<KeyProbe>,
    /// How the turn must be answered.
    pub answer: AnswerRule,
    /// What is expected of the `contextId` in the response.
    pub context_rule: Option<ContextRule>,
    /// What is expected of the memory.
    pub memory: Option<MemoryRule>,
    /// Texts that must all be in one session of the store.
    pub session: Vec<String>,
    /// Texts that must all have reached the model.
    pub prompt_contains: Vec<String>,
    /// Texts that must not have reached the model.
    pub prompt_lacks: Vec<String>,
    /// Texts that must all be in the reply.
    pub reply_contains: Vec<String>,
    /// Texts that must not be in the reply.
    pub reply_lacks: Vec<String>,
    /// Expressions that must all match in the reply.
    pub reply_matches: Vec<Regex>,
    /// Facts of all conversations of an `each` turn. Only the turn's own may be in its reply or reach the
    /// model.
    pub others: Arc<[String]>,
    /// The turn's own facts among `others`.
    pub own: Vec<String>,
    /// The number of the turn in the script, from 1, that must have the same reply.
    pub same_as: Option<u32>,
    /// The highest number of model calls.
    pub max_model_calls: Option<u32>,
    /// Texts that must all be in the question to a peer.
    pub peer_asked: Vec<String>,
    /// Texts that must not be in the question to a peer or in anything sent with it.
    pub peer_lacks: Vec<String>,
    /// Patterns of files that must not exist after the turn.
    pub no_file: Vec<String>,
}

/// A file with everything filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The name of the file.
    pub name: String,
    /// The MIME type.
    pub mime: String,
    /// The text of the file. The bytes may contain padding, or the text in another format.
    pub content: String,
    /// The bytes of the file.
    pub bytes: bytes::Bytes,
    /// How the file is sent.
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
            say: turn.say.as_deref().map(|say| fill_one(&facts.fill_message(say))).unwrap_or_default(),
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

    /// Returns whether a reply says all that is expected of it, and something is.
    pub fn is_answered_by(&self, reply: &str) -> bool {
        let expects = !self.reply_contains.is_empty() || !self.reply_matches.is_empty();
        expects
            && self.reply_contains.iter().all(|text| reply.contains(text))
            && self.reply_matches.iter().all(|pattern| pattern.is_match(reply))
    }

    /// Removes the expectations that cannot be judged with this model.
    fn judged_under(mut self, model: ModelMode, facts: &Facts) -> Self {
        if model != ModelMode::Simulated {
            // prompts can be observed only with the simulated model
            self.prompt_contains.clear();
            self.prompt_lacks.clear();
        }
        if model == ModelMode::Live {
            // a real model chooses its own words, so only facts are judged
            let stated = self.reply_contains.iter().flat_map(|text| facts.in_text(text));
            self.reply_contains = stated.map(str::to_owned).collect();
            self.reply_lacks.retain(|text| facts.in_text(text).next().is_some());
            self.reply_matches.clear();
            self.peer_asked.clear();
            self.peer_lacks.clear();
            (self.same_as, self.max_model_calls) = (None, None);
            self.model_fault = ModelFaults::None;
        }
        self
    }

    /// Returns everything that the user states in this turn: the message, and the names and contents of
    /// files.
    pub fn stated(&self) -> String {
        let mut stated = self.say.clone();
        for text in self.files.iter().flat_map(|file| [&file.name, &file.content]) {
            stated.push('\n');
            stated.push_str(text);
        }
        stated
    }

    /// Returns whether other canaries can run at the same time: the turn has words by which its model calls
    /// can be distinguished, and it does not affect the runtime as a whole.
    pub fn disturbs_nobody(&self) -> bool {
        !self.say.is_empty()
            && self.before.is_none()
            && self.during != Some(During::Kill)
            && self.files.iter().all(|file| file.bytes.len() < LARGE_FILE)
    }

    /// Returns whether the words of one turn contain those of the other, so that their model calls cannot be
    /// distinguished.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.say.contains(&other.say) || other.say.contains(&self.say)
    }

    /// Returns whether the next turn must wait until the runtime is quiet.
    pub fn ends_in_quiet(&self) -> bool {
        self.during.is_some() || self.max_model_calls.is_some()
    }

    /// Returns whether the turn is a plain message that expects an answer: no files, faults, interruptions or
    /// options.
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
