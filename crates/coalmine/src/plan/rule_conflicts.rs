//! Conflicts between the canaries of a run: names that two of them have, and rules that answer another
//! canary.
//!
//! The simulated model has the rules of all canaries of a run. The canary whose rule matches closest to the
//! end of a question answers it, so no canary's rules may match what another canary says.

use std::collections::BTreeSet;

use coalmine_world::model::{Roles, Rule, SimulatedModel};

use super::{Canary, LoadedCanary, Script, SourceError, problem::Problem};

/// Returns all conflicts between canaries that are loaded together, in the order of the canaries: first names
/// that two canaries have, and if there are none, rules that answer what another canary says.
pub fn conflicts(all: &[LoadedCanary]) -> Vec<SourceError> {
    let taken: Vec<_> = (0..all.len()).filter_map(|at| taken_name(&all[at], &all[..at])).collect();
    if taken.is_empty() { answered_by_others(all) } else { taken }
}

/// Returns the error for the first name of a canary that an earlier canary has.
fn taken_name(loaded: &LoadedCanary, earlier: &[LoadedCanary]) -> Option<SourceError> {
    names(&loaded.canary).find_map(|unique| {
        let other = earlier.iter().find(|other| names(&other.canary).any(|other| other.is_same(&unique)))?;
        let (what, key) = unique.owner.what_and_key();
        let user = if other.built_in { "a built-in canary" } else { &other.file };
        let message = format!("duplicate {what} {key} `{}`: it is already used by {user}", unique.name);
        let help = format!("choose another `{key}`; it must be unique in a run");
        Some(loaded.error(Problem::at(unique.path, message).help(help)))
    })
}

/// A name that only one canary of a run may have, because all canaries share the runtime.
struct UniqueName<'a> {
    path: String,
    owner: Owner,
    name: &'a str,
}

/// What has a unique name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Canary,
    Skill,
    Peer,
}

impl Owner {
    /// Returns what has the name, and the key that holds it.
    fn what_and_key(self) -> (&'static str, &'static str) {
        match self {
            Self::Canary => ("canary", "id"),
            Self::Skill => ("skill", "name"),
            Self::Peer => ("peer", "id"),
        }
    }
}

impl UniqueName<'_> {
    fn is_same(&self, other: &UniqueName<'_>) -> bool {
        (self.owner, self.name) == (other.owner, other.name)
    }
}

/// Returns the names of a canary that must be unique in a run: its id, its skills and its peers.
fn names(canary: &Canary) -> impl Iterator<Item = UniqueName<'_>> {
    let id = UniqueName { path: "id".to_owned(), owner: Owner::Canary, name: &canary.id };
    let skills = canary.skills.iter().enumerate().map(|(i, skill)| UniqueName {
        path: format!("skill/{i}/name"),
        owner: Owner::Skill,
        name: &skill.name,
    });
    let peers = canary.peers.iter().enumerate().map(|(i, peer)| UniqueName {
        path: format!("peer/{i}/id"),
        owner: Owner::Peer,
        name: &peer.id,
    });
    std::iter::once(id).chain(skills).chain(peers)
}

fn answered_by_others(all: &[LoadedCanary]) -> Vec<SourceError> {
    let groups = all.iter().map(|loaded| loaded.canary.rules.clone());
    // each rule was checked when its file was read
    let Ok(model) = SimulatedModel::grouped(groups, &Roles::new()) else { return vec![] };
    let asked = all.iter().enumerate();
    let mut errors: Vec<_> =
        asked.filter_map(|(at, asking)| answered_by_another(all, &model, at, asking)).collect();
    // a rule that answers several turns is reported once
    let mut places = BTreeSet::new();
    errors.retain(|error| places.insert((error.file.clone(), error.span.start)));
    errors
}

fn answered_by_another(
    all: &[LoadedCanary],
    model: &SimulatedModel,
    at: usize,
    asking: &LoadedCanary,
) -> Option<SourceError> {
    Script::in_all_wordings(&asking.canary).find_map(|script| answered_turn(all, model, at, asking, &script))
}

fn answered_turn(
    all: &[LoadedCanary],
    model: &SimulatedModel,
    at: usize,
    asking: &LoadedCanary,
    script: &Script,
) -> Option<SourceError> {
    script.file_turns().zip(&script.turns).find_map(|(turn, said)| {
        // the message without and with its files
        let questions = [said.say.clone(), said.stated()].into_iter().filter(|text| !text.trim().is_empty());
        let (group, rule) =
            questions.filter_map(|text| model.answering(&text)).find(|(group, _)| *group != at)?;
        Some(conflict(asking, turn, &all[group], rule))
    })
}

/// Returns the error for a rule that answers another canary's turn. It is shown in a file that the user can
/// change: that of the turn, or else that of the rule.
fn conflict(asking: &LoadedCanary, turn: usize, answering: &LoadedCanary, rule: &Rule) -> SourceError {
    let number = answering.canary.rules.iter().position(|other| other == rule).unwrap_or_default();
    let when = format!("model/{number}/when");
    let (asks, answers) = (&asking.canary.id, &answering.canary.id);
    if asking.built_in && !answering.built_in {
        let message = format!("this rule also answers turn {} of the built-in canary `{asks}`", turn + 1);
        let help = "narrow `when` so that it matches only what your canary says";
        return answering.error(Problem::at(when, message).help(help));
    }
    let literal = answering.literal(&when);
    let message =
        format!("turn {}: a rule of the canary `{answers}` answers it: `when = {literal}`", turn + 1);
    let key = if asking.canary.turns[turn].say.is_some() { "say" } else { "file" };
    let help = if answering.built_in {
        "reword the message so that the rule does not match it"
    } else {
        "reword the message, or narrow that rule"
    };
    asking.error(Problem::at(format!("turn/{turn}/{key}"), message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::builtin;

    /// Returns a canary that states a fact, asks for it, and has a rule for the question.
    fn canary(id: &str, question: &str, when: &str) -> LoadedCanary {
        let text = format!(
            "id = \"{id}\"\ntitle = \"t\"\nlevel = \"continuity\"\nfacts = {{ x = \"code\" }}\n\
             [[turn]]\ncontext = \"a\"\nsay = \"Of {id}: {{x}}.\"\n\
             [[turn]]\ncontext = \"a\"\nsay = \"{question}\"\nexpect.reply.contains = \"{{x}}\"\n\
             [[model]]\nwhen = \"of {id}:\"\nreply = \"Noted.\"\n\
             [[model]]\nwhen = \"{when}\"\nreply = \"Noted.\"\n"
        );
        LoadedCanary::read(&format!("{id}.toml"), &text).unwrap()
    }

    fn shown(errors: &[SourceError]) -> Vec<(&str, &str, &str)> {
        errors.iter().map(|e| (e.file.as_str(), &e.text[e.span.clone()], e.message.as_str())).collect()
    }

    #[test]
    fn built_in_canaries_do_not_conflict() {
        let all = builtin::loaded().unwrap();
        assert_eq!(shown(&conflicts(&all)), []);
    }

    #[test]
    fn a_question_answered_by_another_rule_is_shown() {
        let one = canary("one", "Which code has it?", "which code");
        let two = canary("two", "Which code has she?", "code has she");
        assert_eq!(shown(&conflicts(&[one.clone(), two])), []);
        let greedy = canary("greedy", "Who has it?", "has it");
        let errors = conflicts(&[one, greedy]);
        let message = "turn 2: a rule of the canary `greedy` answers it: `when = \"has it\"`";
        assert_eq!(shown(&errors), [("one.toml", "\"Which code has it?\"", message)]);
    }

    #[test]
    fn a_conflict_with_a_built_in_canary_is_shown_in_the_users_file() {
        let mut all = builtin::loaded().unwrap();
        all.push(canary("mine", "Tell me: what's my name?", "what's my name"));
        let errors = conflicts(&all);
        assert_eq!(errors.len(), 1, "{:?}", shown(&errors));
        assert!(errors[0].message.starts_with("turn 2: a rule of the canary `name-recall`"), "{errors:?}");
        all.pop();
        all.push(canary("mine", "Who is in my tent stand?", "tent stand\\\\?"));
        let errors = conflicts(&all);
        let message = "this rule also answers turn 2 of the built-in canary `restart-recall`";
        assert_eq!(shown(&errors), [("mine.toml", "\"tent stand\\\\?\"", message)]);
    }

    #[test]
    fn duplicate_names_are_shown_before_other_conflicts() {
        let mut all = builtin::loaded().unwrap();
        all.push(canary("mine", "Which?", "which"));
        all.push(canary("mine", "Which?", "which"));
        let errors = conflicts(&all);
        assert_eq!(
            shown(&errors),
            [("mine.toml", "\"mine\"", "duplicate canary id `mine`: it is already used by mine.toml")]
        );
    }
}
