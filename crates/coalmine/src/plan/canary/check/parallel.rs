//! Turns that are sent in parallel. Model calls are assigned to turns by the user's words, so these must
//! differ.

use super::super::Canary;
use crate::{
    event::ModelMode,
    plan::{RunParameters, Script, ScriptTurn, problem::Problem},
};

/// The default of `--contexts`. It has two digits, so that one number can be contained in another.
const CONTEXTS: u32 = 16;

/// Checks all parallel turns, pair by pair.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: CONTEXTS };
    // a script that cannot be made is reported elsewhere
    let Ok(script) = Script::new(canary.clone(), parameters) else { return Ok(()) };
    let turns: Vec<(usize, &ScriptTurn)> = script.file_turns().zip(&script.turns).collect();
    for group in turns.chunk_by(|(_, a), (_, b)| a.parallel.is_some() && a.parallel == b.parallel) {
        for (i, (at, turn)) in group.iter().enumerate() {
            if let Some((other, _)) = group[..i].iter().find(|(_, other)| turn.overlaps(other)) {
                return Err(too_alike(canary, *other, *at));
            }
        }
    }
    Ok(())
}

/// Returns the problem with two turns, given by their index in the file.
fn too_alike(canary: &Canary, other: usize, at: usize) -> Problem {
    let turn = &canary.turns[at];
    let key = if turn.say.is_some() { "say" } else { "" };
    let fact = canary.facts.keys().next().map_or("fact", String::as_str);
    let problem = |message: String| {
        let message = format!("turn {}: {message}, so their model calls cannot be distinguished", at + 1);
        Problem::at(format!("turn/{at}/{key}"), message)
    };
    let counted = turn.say.as_deref().is_some_and(|say| say.contains("{n}"));
    if turn.say.is_none() || canary.turns[other].say.is_none() {
        return problem(format!(
            "it is sent in parallel with turn {}, and one of them has no `say`",
            other + 1
        ))
        .help("give each of them a `say` of its own");
    }
    match (other == at, turn.each) {
        (true, _) if counted => problem("the `say` of number 10 contains that of number 1".into())
            .help("add something after `{n}`, such as `number {n}.`"),
        (true, true) => problem("an `each` turn says the same in all conversations".into())
            .help(format!("add a fact such as `{{{fact}}}`, or `{{n}}`, to `say`")),
        (true, false) => problem("its repetitions are sent in parallel and say the same".into())
            .help("add `{n}` to `say`, such as `number {n}.`"),
        _ => problem(format!(
            "it is sent in parallel with turn {}, and the `say` of one contains that of the other",
            other + 1
        ))
        .help(format!("add a different fact to the `say` of each, such as `{{{fact}}}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, rejected};

    fn pair(first: &str, second: &str) -> String {
        let turn = |context: &str, say: &str| {
            format!("[[turn]]\ncontext = \"{context}\"\nparallel = \"x\"\nsay = \"{say}\"\n")
        };
        turn("a", first) + &turn("b", second)
    }

    #[test]
    fn parallel_turns_must_differ() {
        passes(&pair("My order is {order}.", "My order is {door}."));
        for (first, second) in
            [("Hello.", "Hello."), ("Hello.", "Hello. And more."), ("{door} and more", "{door}")]
        {
            let (place, message, help) = rejected(&pair(first, second));
            assert_eq!(place, format!("\"{second}\""));
            assert!(message.starts_with("turn 3: it is sent in parallel with turn 2"), "{message}");
            assert_eq!(help, "add a different fact to the `say` of each, such as `{door}`");
        }
        let silent = pair("{door}", "{order}").replace("say = \"{order}\"", "send = { again = true }");
        let silent = silent.replace("context = \"b\"", "context = \"a\"");
        assert!(
            rejected(&silent)
                .1
                .starts_with("turn 3: it is sent in parallel with turn 2, and one of them has no")
        );
        // one after the other
        passes("[[turn]]\ncontext = \"b\"\nsay = \"Hello.\"\n[[turn]]\ncontext = \"b\"\nsay = \"Hello.\"");
    }

    #[test]
    fn parallel_conversations_must_differ() {
        let each = |say: &str| format!("[[turn]]\ncontext = \"c\"\neach = true\nsay = \"{say}\"");
        passes(&each("Ticket {door}: hello."));
        passes(&each("Ticket number {n}."));
        let (place, message, help) = rejected(&each("Hello."));
        assert_eq!(place, "\"Hello.\"");
        assert!(message.starts_with("turn 2: an `each` turn says the same"), "{message}");
        assert_eq!(help, "add a fact such as `{door}`, or `{n}`, to `say`");
        assert!(rejected(&each("Ticket number {n}")).1.contains("number 10 contains that of number 1"));
    }
}
