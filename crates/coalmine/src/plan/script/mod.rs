//! A canary with its facts drawn: what will be said, to the letter.

mod turn;

use std::sync::Arc;

use coalmine_world::{Peer, PeerRule};
pub use turn::{Attachment, ScriptTurn};

use super::{Canary, Facts, Turn};
use crate::event::ModelMode;

/// What is the same for all scripts of a run.
#[derive(Debug, Clone, Copy)]
pub struct RunParameters {
    /// The run's seed.
    pub seed: u64,
    /// Who answers as the model.
    pub model: ModelMode,
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
    parameters: RunParameters,
}

impl Script {
    /// Draws the facts and fills them in.
    ///
    /// # Errors
    /// A regular expression that breaks when a fact is put in; reading a canary rules that out but for the oddest.
    pub fn new(canary: Canary, parameters: RunParameters) -> Result<Self, regex::Error> {
        let facts = Facts::draw(parameters.seed, &canary.id, &canary.facts);
        Self::with(canary, facts, parameters, 1)
    }

    /// The same canary in a later round, with fresh facts: those that the seed and the number of the round give. What
    /// skills and peers hold stays as it was, because the runtime got it before it started.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn in_round(&self, round: u32) -> Result<Self, regex::Error> {
        self.redrawn(round.saturating_sub(self.round), round)
    }

    /// The same round with facts that no round has, for a canary_run whose traces must not be met by another.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn apart(&self) -> Result<Self, regex::Error> {
        self.redrawn(u32::MAX, self.round)
    }

    fn redrawn(&self, step: u32, round: u32) -> Result<Self, regex::Error> {
        let seed = self.parameters.seed.wrapping_add(u64::from(step));
        let parameters = RunParameters { seed, ..self.parameters };
        let mut facts = Facts::draw(seed, &self.canary.id, &self.canary.facts);
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
        // the number of the last of those that a turn of the file became
        let mut last = vec![];
        for (at, turn) in canary.turns.iter().enumerate() {
            let mut taken = match turn.each {
                true => each(&canary, turn, at, parameters)?,
                false => (1..=turn.repeat)
                    .map(|n| ScriptTurn::new(turn, &facts, n, parameters.model))
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
        Ok(Self { canary, facts, turns, round, parameters })
    }

    /// For each of the turns, which of the file's it is, from 0.
    pub(super) fn file_turns(&self) -> impl Iterator<Item = usize> {
        let times = |turn: &Turn| if turn.each { self.parameters.contexts } else { turn.repeat };
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
fn each(
    canary: &Canary,
    turn: &Turn,
    at: usize,
    parameters: RunParameters,
) -> Result<Vec<ScriptTurn>, regex::Error> {
    let facts: Vec<Facts> = (1..=parameters.contexts)
        .map(|n| Facts::draw(parameters.seed, &format!("{}#{n}", canary.id), &canary.facts))
        .collect();
    let named = &turn.expect.reply.lacks_others;
    let others: Arc<[String]> =
        facts.iter().flat_map(|facts| named.iter().map(|text| facts.fill(text))).collect();
    let together: Arc<str> = format!("each-{at}").into();
    let filled = facts.iter().zip(1..).map(|(facts, n)| {
        let mut filled = ScriptTurn::new(turn, facts, n, parameters.model)?;
        filled.context = format!("{}#{n}", turn.context);
        filled.parallel = Some(Arc::clone(&together));
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
