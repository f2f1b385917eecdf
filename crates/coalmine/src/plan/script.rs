//! A canary with its facts drawn: what will be said, to the letter.

use std::sync::Arc;

use coalmine_world::{Peer, PeerRule};
use regex::{Regex, RegexBuilder};

use super::{
    AnswerRule, AttachAs, Before, Canary, Condition, ContextRule, Facts, FileSpec, KeyProbe, Meanwhile,
    MemoryRule, Send, Troubles, Turn,
};
use crate::event::BrainKind;

/// Files from this length on, in bytes, weigh on whatever else the runtime does.
const HEAVY: usize = 1 << 20;

/// What is the same for all scripts of a run.
#[derive(Debug, Clone, Copy)]
pub struct Drawing {
    /// The run's seed.
    pub seed: u64,
    /// Who answers as the model.
    pub brain: BrainKind,
    /// In how many contexts `each` turns are taken.
    pub contexts: u32,
}

/// A canary, ready to be run.
#[derive(Debug, Clone)]
pub struct Script {
    /// The canary.
    pub canary: Canary,
    /// Its facts in this run.
    pub facts: Facts,
    /// Its turns in order: those of the file, each as often as it is taken.
    pub turns: Vec<ScriptTurn>,
    /// Which round of the canary this is, from 1.
    pub round: u32,
    drawing: Drawing,
}

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
    pub meanwhile: Option<Meanwhile>,
    /// What the model's answers suffer from.
    pub trouble: Troubles,
    /// How the message is sent.
    pub send: Send,
    /// Turns in a row with the same word here are sent at once.
    pub together: Option<Arc<str>>,
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
    /// The same reply as in this turn, by its number among [`Script::turns`], from 1.
    pub same_as: Option<u32>,
    /// The most calls to the model.
    pub most_model_calls: Option<u32>,
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

impl Script {
    /// Draws the facts and fills them in.
    ///
    /// # Errors
    /// A regular expression that breaks when a fact is put in; reading a canary rules that out but for the oddest.
    pub fn new(canary: Canary, drawing: Drawing) -> Result<Self, regex::Error> {
        let facts = Facts::draw(drawing.seed, &canary.id, &canary.facts);
        Self::with(canary, facts, drawing, 1)
    }

    /// The same canary in a later round, with fresh facts: those that the seed and the number of the round give. What
    /// skills and peers hold stays as it was, because the runtime got it before it started.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn in_round(&self, round: u32) -> Result<Self, regex::Error> {
        self.redrawn(round.saturating_sub(self.round), round)
    }

    /// The same round with facts that no round has, for a taking whose traces must not be met by another.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn apart(&self) -> Result<Self, regex::Error> {
        self.redrawn(u32::MAX, self.round)
    }

    fn redrawn(&self, step: u32, round: u32) -> Result<Self, regex::Error> {
        let seed = self.drawing.seed.wrapping_add(u64::from(step));
        let drawing = Drawing { seed, ..self.drawing };
        let mut facts = Facts::draw(seed, &self.canary.id, &self.canary.facts);
        facts.take_over(&self.facts, self.canary.given_facts());
        Self::with(self.canary.clone(), facts, drawing, round)
    }

    fn with(canary: Canary, facts: Facts, drawing: Drawing, round: u32) -> Result<Self, regex::Error> {
        let mut turns: Vec<ScriptTurn> = vec![];
        // the number of the last of those that a turn of the file became
        let mut last = vec![];
        for (at, turn) in canary.turns.iter().enumerate() {
            let mut taken = match turn.each {
                true => each(&canary, turn, at, drawing)?,
                false => (1..=turn.repeat)
                    .map(|n| ScriptTurn::new(turn, &facts, n, drawing.brain))
                    .collect::<Result<Vec<_>, _>>()?,
            };
            for turn in &mut taken {
                turn.same_as = turn.same_as.and_then(|number| last.get(number as usize - 1).copied());
            }
            turns.extend(taken);
            last.push(u32::try_from(turns.len()).unwrap_or(u32::MAX));
        }
        for at in 1..turns.len() {
            // a message that is sent again says what it said
            if turns[at].send.again {
                let before = turns[..at].iter().rfind(|before| before.context == turns[at].context);
                turns[at].say = before.map(|before| before.say.clone()).unwrap_or_default();
            }
        }
        Ok(Self { canary, facts, turns, round, drawing })
    }

    /// For each of the turns, which of the file's it is, from 0.
    pub(super) fn file_turns(&self) -> impl Iterator<Item = usize> {
        let times = |turn: &Turn| if turn.each { self.drawing.contexts } else { turn.repeat };
        self.canary.turns.iter().enumerate().flat_map(move |(at, turn)| (0..times(turn)).map(move |_| at))
    }

    /// The agents that the runtime can ask, with the facts filled in.
    pub fn peers(&self) -> impl Iterator<Item = Peer> {
        self.canary.peers.iter().map(|peer| Peer {
            id: peer.id.clone(),
            name: peer.name.clone(),
            description: peer.description.clone(),
            rules: peer
                .answer
                .iter()
                .map(|answer| PeerRule { when: answer.when.clone(), reply: self.facts.fill(&answer.reply) })
                .collect(),
        })
    }

    /// The skills that the runtime is given: name and the whole file, with the facts filled in.
    pub fn skills(&self) -> impl Iterator<Item = (&str, String)> {
        self.canary.skills.iter().map(|skill| {
            let [description, text] = [&skill.description, &skill.text].map(|text| self.facts.fill(text));
            let file = format!("---\nname: {}\ndescription: {description}\n---\n\n{text}\n", skill.name);
            (skill.name.as_str(), file)
        })
    }
}

/// The turn in each of many contexts, all sent at once; the same contexts have the same facts in every turn.
fn each(canary: &Canary, turn: &Turn, at: usize, drawing: Drawing) -> Result<Vec<ScriptTurn>, regex::Error> {
    let facts: Vec<Facts> = (1..=drawing.contexts)
        .map(|n| Facts::draw(drawing.seed, &format!("{}#{n}", canary.id), &canary.facts))
        .collect();
    let named = &turn.expect.reply.lacks_others;
    let others: Arc<[String]> =
        facts.iter().flat_map(|facts| named.iter().map(|text| facts.fill(text))).collect();
    let together: Arc<str> = format!("each-{at}").into();
    let filled = facts.iter().zip(1..).map(|(facts, n)| {
        let mut filled = ScriptTurn::new(turn, facts, n, drawing.brain)?;
        filled.context = format!("{}#{n}", turn.context);
        filled.together = Some(Arc::clone(&together));
        filled.others = Arc::clone(&others);
        filled.own = named.iter().map(|text| facts.fill(text)).collect();
        Ok(filled)
    });
    filled.collect()
}

impl ScriptTurn {
    fn new(turn: &Turn, facts: &Facts, n: u32, brain: BrainKind) -> Result<Self, regex::Error> {
        let fill_one = |text: &str| facts.fill(text).replace("{n}", &n.to_string());
        let fill = |texts: &[String]| texts.iter().map(|text| fill_one(text)).collect::<Vec<_>>();
        let reply = match &turn.canary_mode {
            Some(mode) if brain == BrainKind::CanaryMode => &mode.reply,
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
            meanwhile: turn.meanwhile,
            trouble: turn.trouble.clone(),
            send: turn.send,
            together: turn.together.as_deref().map(Into::into),
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
            most_model_calls: expect.most_model_calls,
            peer_asked: fill(&expect.peer.asked),
            peer_lacks: fill(&expect.peer.lacks),
            no_file: fill(&expect.no_file),
        };
        Ok(turn.judged_under(brain, facts))
    }

    /// Without what nobody can see, or hold against it, under this brain.
    fn judged_under(mut self, brain: BrainKind, facts: &Facts) -> Self {
        if brain != BrainKind::Simulated {
            // there is no prompt to look into
            self.prompt_contains.clear();
            self.prompt_lacks.clear();
        }
        if brain == BrainKind::Live {
            // a model of its own is free in its words and in what it asks whom: only the facts are judged
            let told = |text: &String| facts.in_text(text).map(str::to_owned).collect::<Vec<_>>();
            self.reply_contains = self.reply_contains.iter().flat_map(told).collect();
            self.reply_lacks.retain(|text| facts.in_text(text).next().is_some());
            self.reply_matches.clear();
            self.peer_asked.clear();
            self.peer_lacks.clear();
            (self.same_as, self.most_model_calls) = (None, None);
            self.trouble = Troubles::None;
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
            && self.meanwhile != Some(Meanwhile::Kill)
            && self.files.iter().all(|file| file.bytes.len() < HEAVY)
    }

    /// Whether it is nothing but words, sent as the platform sends them, with an answer to come.
    pub fn is_plain(&self) -> bool {
        self.files.is_empty()
            && self.meanwhile.is_none()
            && self.trouble == Troubles::None
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

#[cfg(test)]
mod tests {
    use super::*;

    fn script(turns: &str) -> Script {
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\nfacts = { order = \"code\" }\n";
        let canary = Canary::read("x.toml", &format!("{head}{turns}")).unwrap();
        Script::new(canary, Drawing { seed: 1, brain: BrainKind::Simulated, contexts: 3 }).unwrap()
    }

    #[test]
    fn same_as_means_the_turn_of_the_file_whatever_came_before_it() {
        let script = script(
            "[[turn]]\ncontext = \"a\"\nrepeat = 4\nsay = \"Note {n}.\"\n\
             [[turn]]\ncontext = \"b\"\neach = true\nsay = \"Ticket {order}.\"\n\
             [[turn]]\ncontext = \"a\"\nsay = \"Which?\"\n\
             [[turn]]\ncontext = \"a\"\nsay = \"Which?\"\nexpect.reply.same-as = 3\n\
             [[turn]]\ncontext = \"a\"\nsay = \"Note.\"\nexpect.reply.same-as = 1\n",
        );
        let same: Vec<_> = script.turns.iter().map(|turn| turn.same_as).collect();
        assert_eq!(script.turns[7].say, "Which?");
        assert_eq!(same[8..], [Some(8), Some(4)]);
        assert_eq!(script.file_turns().collect::<Vec<_>>(), [0, 0, 0, 0, 1, 1, 1, 2, 3, 4]);
    }

    #[test]
    fn the_number_of_a_turn_is_filled_in_wherever_it_stands() {
        let script = script(
            "[[turn]]\ncontext = \"a\"\nrepeat = 2\nsay = \"Note {n}.\"\n\
             file = { name = \"{n}.txt\", content = \"It is {n}.\" }\nexpect.reply.matches = \"note {n}\"\n",
        );
        let second = &script.turns[1];
        assert_eq!((second.say.as_str(), second.files[0].name.as_str()), ("Note 2.", "2.txt"));
        assert_eq!(second.files[0].content, "It is 2.");
        assert!(second.reply_matches[0].is_match("Note 2") && !second.reply_matches[0].is_match("Note 1"));
    }
}
