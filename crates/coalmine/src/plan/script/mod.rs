//! Scripts: canaries with their facts drawn and filled in.

mod turn;

use std::{collections::BTreeMap, sync::Arc};

use coalmine_world::{Peer, PeerRule};
pub use turn::{Attachment, ScriptTurn};

use super::{Canary, Facts, SkillsPromise, Turn};
use crate::event::ModelMode;

/// The parameters that all scripts of a run share.
#[derive(Debug, Clone, Copy)]
pub struct RunParameters {
    /// The seed that all facts are drawn from.
    pub seed: u64,
    /// The model that answers the runtime.
    pub model: ModelMode,
    /// The number of conversations in which `each` turns are sent.
    pub contexts: u32,
}

impl RunParameters {
    /// Draws the wordings for facts of a canary.
    fn word(self, facts: Facts, canary: &Canary, id: &str) -> Facts {
        facts.worded(self.seed, id, &canary.wordings, self.model)
    }
}

/// A canary that is ready to run.
#[derive(Debug, Clone)]
pub struct Script {
    /// The canary.
    pub canary: Canary,
    /// The facts of this round.
    pub facts: Facts,
    /// The turns in order: those of the file, each as often as it is sent.
    pub turns: Vec<ScriptTurn>,
    /// The number of the round, from 1.
    pub round: u32,
    parameters: RunParameters,
}

impl Script {
    /// Draws the facts of the first round and fills them in.
    ///
    /// # Errors
    /// Fails if a regular expression becomes invalid when a fact is filled in. The checks of a canary exclude
    /// almost all such expressions.
    pub fn new(canary: Canary, parameters: RunParameters) -> Result<Self, regex::Error> {
        let facts = Facts::draw(parameters.seed, &canary.id, &canary.facts);
        let facts = parameters.word(facts, &canary, &canary.id);
        Self::with(canary, facts, parameters, 1)
    }

    /// Returns the canary in all its wordings, for checks that need no run.
    pub(super) fn in_all_wordings(canary: &Canary) -> impl Iterator<Item = Self> {
        let count = canary.wordings.values().map(|texts| texts.len()).max().unwrap_or(1);
        (0..count).filter_map(move |n| {
            let parameters = RunParameters { seed: n as u64, model: ModelMode::Simulated, contexts: 2 };
            let facts = Facts::draw(parameters.seed, &canary.id, &canary.facts);
            Self::with(canary.clone(), facts.worded_nth(n, &canary.wordings), parameters, 1).ok()
        })
    }

    /// Returns the canary in a later round, with the facts that the seed and the number of the round give.
    /// The facts of skills and peers stay the same, because the runtime was given them before it started.
    ///
    /// # Errors
    /// Fails as [`Self::new`] does.
    pub fn in_round(&self, round: u32) -> Result<Self, regex::Error> {
        self.redrawn(round.saturating_sub(self.round), round)
    }

    /// Returns the same round with facts that no round has, for a run of the canary that must not meet the
    /// traces of an earlier one.
    ///
    /// # Errors
    /// Fails as [`Self::new`] does.
    pub fn apart(&self) -> Result<Self, regex::Error> {
        self.afresh(0)
    }

    /// Returns the same round with facts that neither a round nor another number gives.
    ///
    /// # Errors
    /// Fails as [`Self::new`] does.
    pub fn afresh(&self, number: u32) -> Result<Self, regex::Error> {
        self.redrawn(u32::MAX - number, self.round)
    }

    fn redrawn(&self, step: u32, round: u32) -> Result<Self, regex::Error> {
        let seed = self.parameters.seed.wrapping_add(u64::from(step));
        let parameters = RunParameters { seed, ..self.parameters };
        let facts = Facts::draw(seed, &self.canary.id, &self.canary.facts);
        let mut facts = parameters.word(facts, &self.canary, &self.canary.id);
        facts.take_over(&self.facts, self.canary.given_facts());
        Self::with(self.canary.clone(), facts, parameters, round)
    }

    fn with(
        canary: Canary,
        facts: Facts,
        parameters: RunParameters,
        round: u32,
    ) -> Result<Self, regex::Error> {
        let mut turns: Vec<ScriptTurn> = vec![];
        // for each turn of the file, the number of its last turn in the script
        let mut last_numbers = vec![];
        for (at, turn) in canary.turns.iter().enumerate() {
            let mut added = if turn.each {
                each(&canary, turn, at, parameters)?
            } else {
                (1..=turn.repeat)
                    .map(|n| ScriptTurn::new(turn, &facts, n, parameters.model))
                    .collect::<Result<Vec<_>, _>>()?
            };
            for turn in &mut added {
                turn.same_as = turn.same_as.and_then(|number| last_numbers.get(number as usize - 1).copied());
            }
            turns.extend(added);
            last_numbers.push(u32::try_from(turns.len()).unwrap_or(u32::MAX));
        }
        for at in 1..turns.len() {
            // a message that is sent again has the text of the earlier one
            if turns[at].send.again {
                let before = turns[..at].iter().rfind(|before| before.context == turns[at].context);
                turns[at].say = before.map(|before| before.say.clone()).unwrap_or_default();
            }
        }
        Ok(Self { canary, facts, turns, round, parameters })
    }

    /// Returns, for each turn of the script, the index of its turn in the file.
    pub(super) fn file_turns(&self) -> impl Iterator<Item = usize> {
        self.canary.turns.iter().enumerate().flat_map(|(at, turn)| {
            let times = if turn.each { self.parameters.contexts } else { turn.repeat };
            (0..times).map(move |_| at)
        })
    }

    /// Returns the agents that the runtime can ask, with the facts filled in.
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

    /// Returns the files of the canary's skills: path to content, with the facts filled in. There are none if
    /// the profile names no folder for skills.
    pub fn skill_files(&self, promise: &SkillsPromise) -> BTreeMap<String, String> {
        let Some(folder) = &promise.folder else { return BTreeMap::new() };
        let folder = folder.trim_end_matches('/');
        self.skills().map(|(name, file)| (format!("{folder}/{name}/SKILL.md"), file)).collect()
    }

    /// Returns the name and the `SKILL.md` of each skill, with the facts filled in.
    pub fn skills(&self) -> impl Iterator<Item = (&str, String)> {
        self.canary.skills.iter().map(|skill| {
            let [description, text] = [&skill.description, &skill.text].map(|text| self.facts.fill(text));
            let file = format!("---\nname: {}\ndescription: {description}\n---\n\n{text}\n", skill.name);
            (skill.name.as_str(), file)
        })
    }
}

/// Returns an `each` turn in all of its conversations, which are sent in parallel. A conversation has the
/// same facts in every `each` turn.
fn each(
    canary: &Canary,
    turn: &Turn,
    at: usize,
    parameters: RunParameters,
) -> Result<Vec<ScriptTurn>, regex::Error> {
    let facts: Vec<Facts> = (1..=parameters.contexts)
        .map(|n| {
            let id = format!("{}#{n}", canary.id);
            parameters.word(Facts::draw(parameters.seed, &id, &canary.facts), canary, &id)
        })
        .collect();
    let named = &turn.expect.reply.lacks_others;
    let others: Arc<[String]> =
        facts.iter().flat_map(|facts| named.iter().map(|text| facts.fill(text))).collect();
    let parallel: Arc<str> = format!("each-{at}").into();
    let filled = facts.iter().zip(1..).map(|(facts, n)| {
        let mut filled = ScriptTurn::new(turn, facts, n, parameters.model)?;
        filled.context = format!("{}#{n}", turn.context);
        filled.parallel = Some(Arc::clone(&parallel));
        filled.others = Arc::clone(&others);
        filled.own = named.iter().map(|text| facts.fill(text)).collect();
        Ok(filled)
    });
    filled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(turns: &str) -> Script {
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\nfacts = { order = \"code\" }\n";
        let canary = Canary::read("x.toml", &format!("{head}{turns}")).unwrap();
        Script::new(canary, RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 3 }).unwrap()
    }

    #[test]
    fn same_as_counts_turns_of_the_file() {
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
    fn turn_number_is_filled_in_everywhere() {
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
