//! Facts in braces: each is known, and each brace is closed.

use super::{
    super::{Canary, Turn},
    texts::{around, expected, told},
};
use crate::plan::{nearest, problem::Problem};

/// What a turn says, sends and expects.
pub(super) fn check_turn(canary: &Canary, turn: &Turn, at: usize) -> Result<(), Problem> {
    let counted = turn.repeat > 1 || turn.each;
    told(turn, at).into_iter().chain(expected(turn, at)).try_for_each(|text| filled(canary, text, counted))
}

/// What skills and peers say.
pub(super) fn check_around(canary: &Canary) -> Result<(), Problem> {
    around(canary).into_iter().try_for_each(|text| filled(canary, text, false))
}

fn filled(canary: &Canary, (path, text): (String, &str), counted: bool) -> Result<(), Problem> {
    for brace in braces(text) {
        let known = canary.facts.contains_key(brace.name) || (counted && brace.name == "n");
        let written = format!("{{{}", brace.name);
        if brace.closed && !known {
            let wrong = |message: &str| Problem::at(path.clone(), message).needle(format!("{written}}}"));
            return Err(match brace.name {
                "n" => wrong("`{n}` is the number of a turn that is taken more than once")
                    .help("give the turn `repeat = 2` or more; or name a fact"),
                name => near(canary, name, wrong(&format!("`{written}}}` is none of the `[facts]`")), ""),
            });
        }
        if !brace.closed && known {
            let message = match brace.rest.starts_with(":shape}") {
                true => {
                    format!("`{written}:shape}}` stands in the patterns of `[[model]]` and `[[peer]]` alone")
                }
                false => format!("`{written}` has no closing brace"),
            };
            return Err(Problem::at(path, message).needle(&written).help(format!("write `{written}}}`")));
        }
    }
    Ok(())
}

/// With the fact that was meant, where one is near, as `{name}` with something at its end.
pub(super) fn near(canary: &Canary, name: &str, wrong: Problem, end: &str) -> Problem {
    match nearest(name, canary.facts.keys().map(String::as_str)) {
        Some(near) => wrong.help(format!("did you mean `{{{near}{end}}}`?")),
        None => wrong.help(format!("name it under `[facts]`, such as `{name} = \"code\"`")),
    }
}

/// A brace with a name behind it.
pub(super) struct Brace<'a> {
    /// What stands before the brace.
    pub(super) before: &'a str,
    /// The name.
    pub(super) name: &'a str,
    /// Whether the brace is closed behind it.
    pub(super) closed: bool,
    /// What follows the name.
    pub(super) rest: &'a str,
}

/// All braces with a name behind them; `{2,3}` of a regular expression and `{"a": 1}` are none.
pub(super) fn braces(text: &str) -> impl Iterator<Item = Brace<'_>> {
    text.match_indices('{').filter_map(|(at, _)| {
        let inner = &text[at + 1..];
        let end = inner.find(|c| !is_of_name(c)).unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        is_name(name).then(|| Brace { before: &text[..at], name, closed: rest.starts_with('}'), rest })
    })
}

/// Names in braces, as facts are written.
pub(in crate::plan::canary) fn names_in_braces(text: &str) -> impl Iterator<Item = &str> {
    braces(text).filter(|brace| brace.closed).map(|brace| brace.name)
}

/// Whether a fact can have this name.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_of_name)
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, told};

    const TURN: &str = "[[turn]]\ncontext = \"a\"\n";

    #[test]
    fn a_fact_that_is_misspelt_is_shown_with_the_nearest() {
        let (place, message, help) =
            told(&format!("{TURN}say = \"a\"\nexpect.reply.lacks = [\"{{door}}\", \"{{ordr}}\"]"));
        assert_eq!((place.as_str(), message.as_str()), ("{ordr}", "`{ordr}` is none of the `[facts]`"));
        assert_eq!(help, "did you mean `{order}`?");
    }

    #[test]
    fn a_brace_that_is_not_closed_is_shown_and_one_that_names_nothing_is_a_brace() {
        let (place, message, help) = told(&format!("{TURN}say = \"is it {{door?\""));
        assert_eq!((place.as_str(), message.as_str()), ("{door", "`{door` has no closing brace"));
        assert_eq!(help, "write `{door}`");
        let (_, message, _) = told(&format!("{TURN}say = \"is it {{door:shape}}?\""));
        assert!(message.contains("patterns of `[[model]]`"), "{message}");
        passes(&format!("{TURN}say = 'the form is {{\"door\": [1, {{}}]}} or {{ {{else'"));
    }

    #[test]
    fn the_number_of_a_turn_needs_turns_that_are_counted() {
        passes(&format!("{TURN}repeat = 2\nsay = \"{{n}}.\"\nfile = {{ name = \"{{n}}\", content = \"\" }}"));
        passes(&format!("{TURN}each = true\nsay = \"Number {{n}}.\""));
        let (place, _, help) = told(&format!("{TURN}say = \"Number {{n}}.\""));
        assert_eq!(
            (place.as_str(), help.as_str()),
            ("{n}", "give the turn `repeat = 2` or more; or name a fact")
        );
    }
}
