//! Turns that go at once: calls to the model are told apart by the words, so these must differ.

use super::super::Canary;
use crate::{
    event::ModelMode,
    plan::{RunParameters, Script, ScriptTurn, problem::Problem},
};

/// As many as `--contexts` says where nothing is said: with two digits, one number may stand in another.
const CONTEXTS: u32 = 16;

/// All turns that go at once, pair by pair.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: CONTEXTS };
    // what cannot be drawn is told elsewhere
    let Ok(script) = Script::new(canary.clone(), parameters) else { return Ok(()) };
    let turns: Vec<(usize, &ScriptTurn)> = script.file_turns().zip(&script.turns).collect();
    let at_once = |a: &(usize, &ScriptTurn), b: &(usize, &ScriptTurn)| {
        a.1.parallel.is_some() && a.1.parallel == b.1.parallel
    };
    for group in turns.chunk_by(at_once) {
        for (i, (at, turn)) in group.iter().enumerate() {
            if let Some((other, _)) = group[..i].iter().find(|(_, other)| turn.overlaps(other)) {
                return Err(too_alike(canary, *other, *at));
            }
        }
    }
    Ok(())
}

/// Two turns by their numbers in the file, from 0.
fn too_alike(canary: &Canary, other: usize, at: usize) -> Problem {
    let turn = &canary.turns[at];
    let key = if turn.say.is_some() { "say" } else { "" };
    let fact = canary.facts.keys().next().map_or("fact", String::as_str);
    let why = "calls to the model are told apart by the words";
    let wrong = |message: String| {
        Problem::at(format!("turn/{at}/{key}"), format!("turn {}: {message}; {why}", at + 1))
    };
    let counted = turn.say.as_deref().is_some_and(|say| say.contains("{n}"));
    if turn.say.is_none() || canary.turns[other].say.is_none() {
        return wrong(format!("it goes at once with turn {}, and one of them has no words", other + 1))
            .help("give each of them a `say` of its own");
    }
    match (other == at, turn.each) {
        (true, _) if counted => wrong("`say` for number 1 stands in that for number 10".into())
            .help("write something behind `{n}`, such as `number {n}.`"),
        (true, true) => wrong("an `each` turn says the same in all conversations".into())
            .help(format!("put a fact of its own into `say`, such as `{{{fact}}}`, or `{{n}}`")),
        (true, false) => wrong("its repetitions go at once and say the same".into())
            .help("put `{n}` into `say`, such as `number {n}.`"),
        _ => wrong(format!(
            "it goes at once with turn {}, and the words of one stand in the other's",
            other + 1
        ))
        .help(format!("put a fact of its own into the words of each, such as `{{{fact}}}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, told};

    fn pair(first: &str, second: &str) -> String {
        let turn = |context: &str, say: &str| {
            format!("[[turn]]\ncontext = \"{context}\"\nparallel = \"x\"\nsay = \"{say}\"\n")
        };
        turn("a", first) + &turn("b", second)
    }

    #[test]
    fn turns_at_once_say_different_things() {
        passes(&pair("My order is {order}.", "My order is {door}."));
        for (first, second) in
            [("Hello.", "Hello."), ("Hello.", "Hello. And more."), ("{door} and more", "{door}")]
        {
            let (place, message, help) = told(&pair(first, second));
            assert_eq!(place, format!("\"{second}\""));
            assert!(message.starts_with("turn 3: it goes at once with turn 2"), "{message}");
            assert_eq!(help, "put a fact of its own into the words of each, such as `{door}`");
        }
        let silent = pair("{door}", "{order}").replace("say = \"{order}\"", "send = { again = true }");
        let silent = silent.replace("context = \"b\"", "context = \"a\"");
        assert!(
            told(&silent).1.starts_with("turn 3: it goes at once with turn 2, and one of them has no words")
        );
        // one after the other
        passes("[[turn]]\ncontext = \"b\"\nsay = \"Hello.\"\n[[turn]]\ncontext = \"b\"\nsay = \"Hello.\"");
    }

    #[test]
    fn conversations_at_once_say_different_things() {
        let each = |say: &str| format!("[[turn]]\ncontext = \"c\"\neach = true\nsay = \"{say}\"");
        passes(&each("Ticket {door}: hello."));
        passes(&each("Ticket number {n}."));
        let (place, message, help) = told(&each("Hello."));
        assert_eq!(place, "\"Hello.\"");
        assert!(message.starts_with("turn 2: an `each` turn says the same"), "{message}");
        assert_eq!(help, "put a fact of its own into `say`, such as `{door}`, or `{n}`");
        assert!(told(&each("Ticket number {n}")).1.contains("stands in that for number 10"));
    }
}
