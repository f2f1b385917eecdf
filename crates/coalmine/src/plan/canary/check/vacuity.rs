//! Whether a canary that can be run judges anything: what it expects, and whether that can come.

use coalmine_world::model::{Roles, SimulatedModel};

use super::{
    super::{Canary, Expect},
    names_in_braces,
    texts::{around, expected, replies, told},
};
use crate::{
    event::ModelMode,
    plan::{RunParameters, Script, problem::Problem},
};

/// The first thing for which it would judge nothing, or the wrong thing.
pub(in crate::plan) fn check(canary: &Canary) -> Result<(), Problem> {
    something_is_expected(canary)?;
    company_is_there(canary)?;
    facts_are_told(canary)?;
    a_rule_fits(canary)
}

fn something_is_expected(canary: &Canary) -> Result<(), Problem> {
    let nothing = Expect::default();
    let expects = canary.turns.iter().any(|turn| turn.expect != nothing || turn.canary_mode.is_some());
    if expects || !canary.probes.is_empty() {
        return Ok(());
    }
    let message = "the canary expects nothing, so it would pass whatever is answered";
    let last = canary.turns.len().saturating_sub(1);
    Err(Problem::at(format!("turn/{last}"), message)
        .help("such as `expect.reply.contains = \"{order}\"` in a turn that asks"))
}

fn company_is_there(canary: &Canary) -> Result<(), Problem> {
    let all = &canary.turns;
    for (at, turn) in all.iter().enumerate().filter(|(_, turn)| turn.repeat == 1) {
        let Some(word) = &turn.parallel else { continue };
        let beside = |other: Option<usize>| {
            other.and_then(|other| all.get(other)).is_some_and(|other| other.parallel.as_ref() == Some(word))
        };
        if beside(at.checked_sub(1)) || beside(Some(at + 1)) {
            continue;
        }
        let message = format!("turn {}: nothing goes at once with it", at + 1);
        let elsewhere = all.iter().filter(|other| other.parallel.as_ref() == Some(word)).count() > 1;
        return Err(Problem::at(format!("turn/{at}/parallel"), message).help(match elsewhere {
            true => format!("the turns with `parallel = \"{word}\"` must stand in a row"),
            false => {
                format!("write `parallel = \"{word}\"` in the turn before or behind it too, or leave it out")
            }
        }));
    }
    Ok(())
}

fn facts_are_told(canary: &Canary) -> Result<(), Problem> {
    let turns = || canary.turns.iter().enumerate();
    let texts = turns().flat_map(|(at, turn)| told(turn, at)).chain(around(canary));
    let known: Vec<&str> = texts.flat_map(|(_, text)| names_in_braces(text)).collect();
    let wanted = |path: &str| ["/contains/", "/session/", "/asked/"].iter().any(|key| path.contains(key));
    for (path, text) in turns().flat_map(|(at, turn)| expected(turn, at)).filter(|(path, _)| wanted(path)) {
        if let Some(name) = names_in_braces(text).find(|name| *name != "n" && !known.contains(name)) {
            let message = format!("nobody tells `{{{name}}}`: no turn, file, skill or peer says it");
            return Err(Problem::at(path, message)
                .needle(format!("{{{name}}}"))
                .help(format!("let a turn say it, such as `say = \"It is {{{name}}}.\"`")));
        }
    }
    Ok(())
}

fn a_rule_fits(canary: &Canary) -> Result<(), Problem> {
    let judged = canary.turns.iter().enumerate().find_map(|(at, turn)| {
        let (path, reply) = replies(turn, at).next()?;
        let judged = reply.same_as.is_some() || reply.lists().iter().any(|(_, texts)| !texts.is_empty());
        judged.then_some(path)
    });
    if let (Some(path), true) = (judged, canary.rules.is_empty()) {
        return Err(Problem::at(path, "replies are judged, but there is no `[[model]]` that gives one")
            .help("write a `[[model]]` with `when`, a pattern that is found in what is said, and `reply`"));
    }
    let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 };
    // both were looked at before
    let (Ok(script), Ok(model)) =
        (Script::new(canary.clone(), parameters), SimulatedModel::new(canary.rules.clone(), &Roles::new()))
    else {
        return Ok(());
    };
    for (at, turn) in script.file_turns().zip(&script.turns) {
        let asked = !turn.reply_contains.is_empty() && !turn.say.is_empty() && !turn.send.again;
        if asked && model.answering(&turn.told()).is_none() {
            let message = format!(
                "turn {}: no `[[model]]` fits what is said, so no answer can hold what is expected",
                at + 1
            );
            return Err(Problem::at(format!("turn/{at}/say"), message)
                .help("write a `[[model]]` whose `when` is found in it"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::plan::LoadedCanary;

    const HEAD: &str = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\n[facts]\norder = \"code\"\ndoor = \"code\"\n\
         [[turn]]\ncontext = \"a\"\nsay = \"My order is {order}.\"\n";
    const ASKS: &str =
        "[[turn]]\ncontext = \"a\"\nsay = \"Which is it?\"\nexpect.reply.contains = \"{order}\"\n";
    const RULE: &str = "[[model]]\nwhen = \"which is it\"\nreply = \"Noted.\"\n";

    fn told(added: &str) -> (String, String) {
        let error = LoadedCanary::read("x.toml", &format!("{HEAD}{added}")).unwrap_err();
        (error.text[error.span.clone()].to_owned(), error.message)
    }

    #[test]
    fn a_canary_that_expects_something_and_can_get_it_is_good() {
        LoadedCanary::read("x.toml", &format!("{HEAD}{ASKS}{RULE}")).unwrap();
    }

    #[test]
    fn a_canary_that_expects_nothing_is_told() {
        assert_eq!(told(RULE).1, "the canary expects nothing, so it would pass whatever is answered");
    }

    #[test]
    fn a_turn_that_goes_at_once_with_none_is_told() {
        let alone = ASKS.replace("expect", "parallel = \"x\"\nexpect");
        assert_eq!(
            told(&format!("{alone}{RULE}")),
            ("\"x\"".into(), "turn 2: nothing goes at once with it".into())
        );
        let two = format!("{alone}{}{RULE}", alone.replace("Which is it", "Tell me {door}: which"));
        let read = LoadedCanary::read(
            "x.toml",
            &format!("{HEAD}{two}[[model]]\nwhen = \": which\"\nreply = \"x\"\n"),
        );
        assert_eq!(read.err().map(|error| error.message), None);
    }

    #[test]
    fn a_fact_that_nobody_tells_is_told() {
        let (place, message) = told(&format!("{}{RULE}", ASKS.replace("{order}", "{door}")));
        assert_eq!(place, "{door}");
        assert_eq!(message, "nobody tells `{door}`: no turn, file, skill or peer says it");
    }

    #[test]
    fn an_answer_in_words_needs_a_rule_that_gives_it() {
        let none = told(ASKS);
        assert_eq!(none.1, "replies are judged, but there is no `[[model]]` that gives one");
        let (place, message) = told(&format!("{ASKS}{}", RULE.replace("which", "who")));
        assert_eq!(place, "\"Which is it?\"");
        assert!(message.starts_with("turn 2: no `[[model]]` fits what is said"), "{message}");
    }
}
