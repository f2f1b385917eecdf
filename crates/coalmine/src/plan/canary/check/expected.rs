//! Expectations that could not be met, or could not be missed.

use super::{
    super::{Canary, Turn},
    names_in_braces, patterns,
    texts::expected,
};
use crate::plan::problem::Problem;

/// All expectations of a turn, one by one.
pub(super) fn check(canary: &Canary, turn: &Turn, at: usize) -> Result<(), Problem> {
    for (path, text) in expected(turn, at) {
        let wrong = |message: &str| Problem::at(path.clone(), format!("turn {}: {message}", at + 1));
        if text.is_empty() {
            return Err(
                wrong("an empty text is in everything").help("name a fact in braces, or leave the key out")
            );
        }
        if path.contains("/matches/") {
            patterns::compile(canary, text)
                .map_err(|reason| wrong(&format!("no regular expression: {reason}")))?;
        }
        if path.contains("/lacks-others/") && names_in_braces(text).all(|name| name == "n") {
            let named = canary.facts.keys().find(|name| *name == text).or_else(|| canary.facts.keys().next());
            let wrong = wrong("`lacks-others` takes facts: this text is the same in all conversations");
            let fact = named.map_or("a fact in braces".to_owned(), |name| format!("`{{{name}}}`"));
            return Err(wrong.help(format!("write {fact}")));
        }
        if path.contains("/no-file/") && !text.starts_with('/') {
            return Err(wrong("`no-file` takes absolute paths").help(match text.starts_with('~') {
                true => "write the home folder of the runtime in full, such as `/home/agent/note.txt`",
                false => "begin with `/`, such as `/tmp/note.txt` or `/tmp/**/note.txt`",
            }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, told};

    const TURN: &str = "[[turn]]\ncontext = \"a\"\nsay = \"Now {door}.\"\n";

    #[test]
    fn an_empty_text_is_no_expectation() {
        for key in ["contains", "lacks", "matches"] {
            let (place, message, _) = told(&format!("{TURN}expect.reply.{key} = [\"{{door}}\", \"\"]"));
            assert_eq!(
                (place.as_str(), message.as_str()),
                ("\"\"", "turn 2: an empty text is in everything")
            );
        }
    }

    #[test]
    fn lacks_others_takes_facts() {
        passes(&format!("{TURN}each = true\nexpect.reply.lacks-others = \"{{door}}\""));
        let (place, _, help) = told(&format!("{TURN}each = true\nexpect.reply.lacks-others = [\"order\"]"));
        assert_eq!((place.as_str(), help.as_str()), ("\"order\"", "write `{order}`"));
        let counted = told(&format!("{TURN}each = true\nexpect.reply.lacks-others = \"number {{n}}\""));
        assert_eq!(counted.2, "write `{door}`");
    }

    #[test]
    fn files_are_named_by_absolute_paths() {
        passes(&format!("{TURN}expect.no-file = \"/**/{{door}}.txt\""));
        let (place, _, help) = told(&format!("{TURN}expect.no-file = \"~/a.txt\""));
        assert_eq!(place, "\"~/a.txt\"");
        assert!(help.starts_with("write the home folder"), "{help}");
        assert!(told(&format!("{TURN}expect.no-file = \"a.txt\"")).2.starts_with("begin with `/`"));
    }

    #[test]
    fn a_pattern_that_is_none_is_told_in_one_line() {
        let (place, message, _) = told(&format!("{TURN}expect.reply.matches = [\"a\", \"(b\"]"));
        assert_eq!(
            (place.as_str(), message.as_str()),
            ("\"(b\"", "turn 2: no regular expression: unclosed group")
        );
    }
}
