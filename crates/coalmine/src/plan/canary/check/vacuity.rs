//! Vacuous canaries: those that would pass, or fail, whatever the runtime does.

use coalmine_world::model::{Roles, SimulatedModel};

use super::{
    super::{Canary, Expect},
    names_in_braces,
    texts::{expected, given, replies, sent},
};
use crate::plan::{Script, problem::Problem};

/// Checks that a canary judges something, and returns the first problem.
pub(in crate::plan) fn check(canary: &Canary) -> Result<(), Problem> {
    expects_something(canary)?;
    parallel_turns_are_adjacent(canary)?;
    expected_facts_are_stated(canary)?;
    rules_match(canary)
}

fn expects_something(canary: &Canary) -> Result<(), Problem> {
    let nothing = Expect::default();
    let expects = canary.turns.iter().any(|turn| turn.expect != nothing || turn.canary_mode.is_some());
    if expects || !canary.probes.is_empty() {
        return Ok(());
    }
    let message = "the canary expects nothing, so it would pass whatever the answer is";
    let last = canary.turns.len().saturating_sub(1);
    Err(Problem::at(format!("turn/{last}"), message)
        .help("add an expectation, such as `expect.reply.contains = \"{order}\"`, to a turn that asks"))
}

fn parallel_turns_are_adjacent(canary: &Canary) -> Result<(), Problem> {
    let all = &canary.turns;
    for (at, turn) in all.iter().enumerate().filter(|(_, turn)| turn.repeat == 1) {
        let Some(word) = &turn.parallel else { continue };
        let mut neighbors = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        if neighbors.any(|at| all.get(at).is_some_and(|turn| turn.parallel.as_ref() == Some(word))) {
            continue;
        }
        let message = format!("turn {}: no other turn is sent in parallel with it", at + 1);
        let help = if all.iter().filter(|other| other.parallel.as_ref() == Some(word)).count() > 1 {
            format!("move the turns with `parallel = \"{word}\"` next to each other")
        } else {
            format!("add `parallel = \"{word}\"` to the turn before or after it, or remove it here")
        };
        return Err(Problem::at(format!("turn/{at}/parallel"), message).help(help));
    }
    Ok(())
}

fn expected_facts_are_stated(canary: &Canary) -> Result<(), Problem> {
    let turns = canary.turns.iter().enumerate();
    let stated = turns.clone().flat_map(|(at, turn)| sent(turn, at)).chain(given(canary));
    let known: Vec<&str> = stated.flat_map(|(_, text)| names_in_braces(text)).collect();
    for (path, text) in turns.flat_map(|(at, turn)| expected(turn, at)) {
        if !["/contains/", "/session/", "/asked/"].iter().any(|key| path.contains(key)) {
            continue;
        }
        if let Some(name) = names_in_braces(text).find(|name| *name != "n" && !known.contains(name)) {
            let message =
                format!("nothing states `{{{name}}}`: expected it in a turn, a file, a skill or a peer");
            return Err(Problem::at(path, message)
                .needle(format!("{{{name}}}"))
                .help(format!("add a turn that states it, such as `say = \"It is {{{name}}}.\"`")));
        }
    }
    Ok(())
}

fn rules_match(canary: &Canary) -> Result<(), Problem> {
    let judged = canary.turns.iter().enumerate().find_map(|(at, turn)| {
        let (path, reply) = replies(turn, at).next()?;
        let judged = reply.same_as.is_some() || reply.lists().iter().any(|(_, texts)| !texts.is_empty());
        judged.then_some(path)
    });
    if let (Some(path), true) = (judged, canary.rules.is_empty()) {
        return Err(Problem::at(path, "replies are judged, but no `[[model]]` gives one")
            .help("add a `[[model]]` with `reply` and a `when` that matches the message"));
    }
    // the rules were checked before
    let Ok(model) = SimulatedModel::new(canary.rules.clone(), &Roles::new()) else { return Ok(()) };
    for script in Script::in_all_wordings(canary) {
        for (at, turn) in script.file_turns().zip(&script.turns) {
            let asked = !turn.reply_contains.is_empty() && !turn.say.is_empty() && !turn.send.again;
            if asked && model.answering(&turn.stated()).is_none() {
                let message = format!(
                    "turn {}: no `[[model]]` matches the message, so no answer can contain what is expected",
                    at + 1
                );
                return Err(Problem::at(format!("turn/{at}/say"), message)
                    .help(format!("add a `[[model]]` whose `when` matches `{}`", turn.say)));
            }
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

    /// Returns the place and the message of the error about a canary with something added.
    fn rejected(added: &str) -> (String, String) {
        let error = LoadedCanary::read("x.toml", &format!("{HEAD}{added}")).unwrap_err();
        (error.text[error.span.clone()].to_owned(), error.message)
    }

    #[test]
    fn accepts_expectations_that_can_be_met() {
        LoadedCanary::read("x.toml", &format!("{HEAD}{ASKS}{RULE}")).unwrap();
    }

    #[test]
    fn checks_every_wording() {
        let asks = ASKS.replace("Which is it?", "{ask}");
        for (last, is_answered) in [("Which is it now?", true), ("Tell me.", false)] {
            let texts = "\"Which is it?\", ".repeat(20);
            let canary = HEAD.replace("[facts]", &format!("[wordings]\nask = [{texts}\"{last}\"]\n[facts]"));
            let read = LoadedCanary::read("x.toml", &format!("{canary}{asks}{RULE}"));
            assert_eq!(read.is_ok(), is_answered, "{last}: {read:?}");
        }
    }

    #[test]
    fn rejects_a_canary_without_expectations() {
        assert_eq!(rejected(RULE).1, "the canary expects nothing, so it would pass whatever the answer is");
    }

    #[test]
    fn rejects_a_parallel_turn_on_its_own() {
        let alone = ASKS.replace("expect", "parallel = \"x\"\nexpect");
        assert_eq!(
            rejected(&format!("{alone}{RULE}")),
            ("\"x\"".into(), "turn 2: no other turn is sent in parallel with it".into())
        );
        let two = format!("{alone}{}{RULE}", alone.replace("Which is it", "Tell me {door}: which"));
        let read = LoadedCanary::read(
            "x.toml",
            &format!("{HEAD}{two}[[model]]\nwhen = \": which\"\nreply = \"x\"\n"),
        );
        assert_eq!(read.err().map(|error| error.message), None);
    }

    #[test]
    fn rejects_an_expected_fact_that_nothing_states() {
        let (place, message) = rejected(&format!("{}{RULE}", ASKS.replace("{order}", "{door}")));
        assert_eq!(place, "{door}");
        assert_eq!(message, "nothing states `{door}`: expected it in a turn, a file, a skill or a peer");
    }

    #[test]
    fn rejects_an_expected_reply_without_a_rule() {
        let none = rejected(ASKS);
        assert_eq!(none.1, "replies are judged, but no `[[model]]` gives one");
        let (place, message) = rejected(&format!("{ASKS}{}", RULE.replace("which", "who")));
        assert_eq!(place, "\"Which is it?\"");
        assert!(message.starts_with("turn 2: no `[[model]]` matches the message"), "{message}");
    }
}
