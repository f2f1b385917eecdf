//! Canaries of one run: what each must have alone, and whose rules answer whom.
//!
//! The honest model has the rules of all canaries of a run, and the canary that speaks to what stands last in a question
//! answers it. So no canary's rules may answer what another one says.

use std::collections::BTreeSet;

use coalmine_world::model::{Roles, Rule, SimulatedModel};

use super::{Canary, LoadedCanary, RunParameters, Script, SourceError, problem::Problem};
use crate::event::ModelMode;

/// All that is wrong among canaries that are loaded together, in the order in which they are given: names that two have,
/// and, where there are none, rules that answer what another canary says.
pub fn conflicts(all: &[LoadedCanary]) -> Vec<SourceError> {
    let taken: Vec<_> = (0..all.len()).filter_map(|at| taken(&all[at], &all[..at])).collect();
    match taken.is_empty() {
        true => answered_by_others(all),
        false => taken,
    }
}

/// A name of the canary that an earlier one has.
fn taken(written: &LoadedCanary, before: &[LoadedCanary]) -> Option<SourceError> {
    names(&written.canary).find_map(|(path, name, what, key)| {
        let same = |other: &(String, &str, &str, &str)| (other.1, other.2) == (name, what);
        let other = before.iter().find(|other| names(&other.canary).any(|other| same(&other)))?;
        let message = match other.built_in {
            true => format!("`{name}` is the {key} of {what} that is built in"),
            false => format!("`{name}` is the {key} of {what} in {} too", other.file),
        };
        let help = format!("give it a name of its own: no two in a run have the same `{key}`");
        Some(written.wrong(Problem::at(path, message).help(help)))
    })
}

/// What must be the canary's alone: its id, its skills and its peers, which all runs of the same runtime share. Path, name,
/// what has it, and the key.
fn names(canary: &Canary) -> impl Iterator<Item = (String, &str, &'static str, &'static str)> {
    let skills = canary.skills.iter().enumerate();
    let skills = skills.map(|(i, skill)| (format!("skill/{i}/name"), skill.name.as_str(), "a skill", "name"));
    let peers = canary.peers.iter().enumerate();
    let peers = peers.map(|(i, peer)| (format!("peer/{i}/id"), peer.id.as_str(), "a peer", "id"));
    std::iter::once(("id".to_owned(), canary.id.as_str(), "a canary", "id")).chain(skills).chain(peers)
}

fn answered_by_others(all: &[LoadedCanary]) -> Vec<SourceError> {
    let groups = all.iter().map(|written| written.canary.rules.clone());
    // each rule was looked at when its file was read
    let Ok(model) = SimulatedModel::grouped(groups, &Roles::new()) else { return vec![] };
    let asked = all.iter().enumerate();
    let mut errors: Vec<_> =
        asked.filter_map(|(at, asking)| answered_by_another(all, &model, at, asking)).collect();
    // a rule that answers many is told once
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
    let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 };
    let script = Script::new(asking.canary.clone(), parameters).ok()?;
    script.file_turns().zip(&script.turns).find_map(|(turn, said)| {
        // the words alone, and what comes with them
        let questions = [said.say.clone(), said.told()].into_iter().filter(|text| !text.trim().is_empty());
        let (group, rule) =
            questions.filter_map(|text| model.answering(&text)).find(|(group, _)| *group != at)?;
        Some(told(asking, turn, &all[group], rule))
    })
}

/// Shown in the file that the user can change: that of the question, or else that of the rule.
fn told(asking: &LoadedCanary, turn: usize, answering: &LoadedCanary, rule: &Rule) -> SourceError {
    let number = answering.canary.rules.iter().position(|other| other == rule).unwrap_or_default();
    let when = format!("model/{number}/when");
    let (asks, answers) = (&asking.canary.id, &answering.canary.id);
    if asking.built_in && !answering.built_in {
        let message = format!("this rule would answer turn {} of the built-in canary `{asks}`", turn + 1);
        let wrong = Problem::at(when, message);
        return answering.wrong(wrong.help("let `when` name something that only your canary says"));
    }
    let literal = answering.literal(&when);
    let message =
        format!("turn {}: a rule of the canary `{answers}` would answer it: `when = {literal}`", turn + 1);
    let key = if asking.canary.turns[turn].say.is_some() { "say" } else { "file" };
    asking.wrong(Problem::at(format!("turn/{turn}/{key}"), message).help(match answering.built_in {
        true => "say it in other words: the canary whose rule speaks to what stands last answers",
        false => "say it in other words, or narrow that rule",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::builtin;

    /// A canary that tells something, asks for it, and has a rule for the question.
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
    fn built_in_canaries_answer_only_themselves_and_judge_something() {
        let all = builtin::written().unwrap();
        assert_eq!(shown(&conflicts(&all)), []);
    }

    #[test]
    fn a_question_that_another_rule_answers_is_shown_with_that_rule() {
        let one = canary("one", "Which code has it?", "which code");
        let two = canary("two", "Which code has she?", "code has she");
        assert_eq!(shown(&conflicts(&[one.clone(), two])), []);
        let greedy = canary("greedy", "Who has it?", "has it");
        let errors = conflicts(&[one, greedy]);
        let message = "turn 2: a rule of the canary `greedy` would answer it: `when = \"has it\"`";
        assert_eq!(shown(&errors), [("one.toml", "\"Which code has it?\"", message)]);
    }

    #[test]
    fn between_a_built_in_canary_and_the_users_the_users_file_is_shown() {
        let mut all = builtin::written().unwrap();
        all.push(canary("mine", "Tell me: what's my name?", "what's my name"));
        let errors = conflicts(&all);
        assert_eq!(errors.len(), 1, "{:?}", shown(&errors));
        assert!(errors[0].message.starts_with("turn 2: a rule of the canary `name-recall`"), "{errors:?}");
        all.pop();
        all.push(canary("mine", "Who is in my tent stand?", "tent stand\\\\?"));
        let errors = conflicts(&all);
        let message = "this rule would answer turn 2 of the built-in canary `restart-recall`";
        assert_eq!(shown(&errors), [("mine.toml", "\"tent stand\\\\?\"", message)]);
    }

    #[test]
    fn a_name_that_is_taken_is_shown_before_anything_else() {
        let mut all = builtin::written().unwrap();
        all.push(canary("mine", "Which?", "which"));
        all.push(canary("mine", "Which?", "which"));
        let errors = conflicts(&all);
        assert_eq!(
            shown(&errors),
            [("mine.toml", "\"mine\"", "`mine` is the id of a canary in mine.toml too")]
        );
    }
}
