//! Facts in braces: each must be known, and each brace must be closed.

use super::{
    super::{Canary, Turn},
    texts::{expected, given, sent},
};
use crate::plan::{nearest::nearest, problem::Problem};

/// The name of the placeholder for a sentence beside the facts.
const SMALL_TALK: &str = "small-talk";

/// Checks what a turn says, sends and expects.
pub(super) fn check_turn(canary: &Canary, turn: &Turn, at: usize) -> Result<(), Problem> {
    let counted = turn.repeat > 1 || turn.each;
    let mut allowed: Vec<&str> = canary.wordings.keys().map(String::as_str).collect();
    allowed.extend(counted.then_some("n"));
    let texts = sent(turn, at).into_iter().chain(expected(turn, at));
    texts.into_iter().try_for_each(|text| {
        // only a message has room for it
        let message = text.0.ends_with("/say").then_some(SMALL_TALK);
        filled(canary, text, &allowed.iter().copied().chain(message).collect::<Vec<_>>())
    })
}

/// Checks the texts of skills and peers.
pub(super) fn check_given(canary: &Canary) -> Result<(), Problem> {
    given(canary).into_iter().try_for_each(|text| filled(canary, text, &[]))
}

/// Checks that all names in braces are facts, or other names that are `allowed` there.
fn filled(canary: &Canary, (path, text): (String, &str), allowed: &[&str]) -> Result<(), Problem> {
    for brace in braces(text) {
        let known = canary.facts.contains_key(brace.name) || allowed.contains(&brace.name);
        let written = format!("{{{}", brace.name);
        if brace.closed && !known {
            let problem = |message: &str| Problem::at(path.clone(), message).needle(format!("{written}}}"));
            return Err(match brace.name {
                "n" => problem("`{n}` needs a turn with `repeat` or `each`, whose number it is")
                    .help("add `repeat = 2` or more to the turn, or name a fact"),
                SMALL_TALK => problem("`{small-talk}` is filled in only in `say`").help("name a fact"),
                name if canary.wordings.contains_key(name) => problem(
                    "wordings are not filled in here: the runtime is given this text before the first turn",
                )
                .help("name a fact, or write the words"),
                name => suggest(canary, name, problem(&format!("unknown fact `{written}}}`")), ""),
            });
        }
        if !brace.closed && known {
            let message = if brace.rest.starts_with(":shape}") {
                format!("`{written}:shape}}` is allowed only in the patterns of `[[model]]` and `[[peer]]`")
            } else {
                format!("`{written}` has no closing brace")
            };
            return Err(Problem::at(path, message).needle(&written).help(format!("write `{written}}}`")));
        }
    }
    Ok(())
}

/// Adds the help for an unknown fact: the most similar one in braces, with `end` after its name, or else how
/// to add it.
pub(super) fn suggest(canary: &Canary, name: &str, problem: Problem, end: &str) -> Problem {
    problem.help(match nearest(name, canary.facts.keys().chain(canary.wordings.keys()).map(String::as_str)) {
        Some(near) => format!("did you mean `{{{near}{end}}}`?"),
        None => format!("add it to `[facts]`, such as `{name} = \"code\"`"),
    })
}

/// An opening brace that is followed by a name.
pub(super) struct Brace<'a> {
    /// The text before the brace.
    pub(super) before: &'a str,
    /// The name.
    pub(super) name: &'a str,
    /// Whether a closing brace follows the name.
    pub(super) closed: bool,
    /// The text after the name.
    pub(super) rest: &'a str,
}

/// Returns all braces that are followed by a name. In `{2,3}` of a regular expression and in `{"a": 1}` there
/// is none.
pub(super) fn braces(text: &str) -> impl Iterator<Item = Brace<'_>> {
    text.match_indices('{').filter_map(|(at, _)| {
        let inner = &text[at + 1..];
        let end = inner.find(|c| !is_name_character(c)).unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        is_name(name).then(|| Brace { before: &text[..at], name, closed: rest.starts_with('}'), rest })
    })
}

/// Returns the names that stand alone in braces.
pub(in crate::plan::canary) fn names_in_braces(text: &str) -> impl Iterator<Item = &str> {
    braces(text).filter(|brace| brace.closed).map(|brace| brace.name)
}

/// Returns whether a fact can have this name.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, rejected};

    const TURN: &str = "[[turn]]\ncontext = \"a\"\n";

    #[test]
    fn misspelled_fact_is_shown_with_a_suggestion() {
        let (place, message, help) =
            rejected(&format!("{TURN}say = \"a\"\nexpect.reply.lacks = [\"{{door}}\", \"{{ordr}}\"]"));
        assert_eq!((place.as_str(), message.as_str()), ("{ordr}", "unknown fact `{ordr}`"));
        assert_eq!(help, "did you mean `{order}`?");
    }

    #[test]
    fn unclosed_brace_is_shown_and_other_braces_pass() {
        let (place, message, help) = rejected(&format!("{TURN}say = \"is it {{door?\""));
        assert_eq!((place.as_str(), message.as_str()), ("{door", "`{door` has no closing brace"));
        assert_eq!(help, "write `{door}`");
        let (_, message, _) = rejected(&format!("{TURN}say = \"is it {{door:shape}}?\""));
        assert!(message.contains("patterns of `[[model]]`"), "{message}");
        passes(&format!("{TURN}say = 'the form is {{\"door\": [1, {{}}]}} or {{ {{else'"));
    }

    #[test]
    fn turn_number_needs_a_repeated_turn() {
        passes(&format!("{TURN}repeat = 2\nsay = \"{{n}}.\"\nfile = {{ name = \"{{n}}\", content = \"\" }}"));
        passes(&format!("{TURN}each = true\nsay = \"Number {{n}}.\""));
        let (place, _, help) = rejected(&format!("{TURN}say = \"Number {{n}}.\""));
        assert_eq!(
            (place.as_str(), help.as_str()),
            ("{n}", "add `repeat = 2` or more to the turn, or name a fact")
        );
    }
}
