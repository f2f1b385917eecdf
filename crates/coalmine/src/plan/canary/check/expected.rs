//! Expectations that no answer could meet, or that every answer would meet.

use super::{
    super::{Canary, Turn},
    names_in_braces, patterns,
    texts::expected,
};
use crate::plan::problem::Problem;

/// Checks all expectations of a turn.
pub(super) fn check(canary: &Canary, turn: &Turn, at: usize) -> Result<(), Problem> {
    for (path, text) in expected(turn, at) {
        let problem = |message: &str| Problem::at(path.clone(), format!("turn {}: {message}", at + 1));
        if text.is_empty() {
            return Err(problem("an empty text is contained in every text")
                .help("name a fact in braces, or remove the text"));
        }
        if path.contains("/matches/") {
            patterns::compile(canary, text)
                .map_err(|reason| problem(&format!("invalid regular expression: {reason}")))?;
        }
        if path.contains("/lacks-others/") && names_in_braces(text).all(|name| name == "n") {
            let named = canary.facts.keys().find(|name| *name == text).or_else(|| canary.facts.keys().next());
            let problem = problem("`lacks-others` needs a fact: this text is the same in all conversations");
            let fact = named.map_or("a fact in braces".to_owned(), |name| format!("`{{{name}}}`"));
            return Err(problem.help(format!("write {fact}")));
        }
        if path.contains("/no-file/") && !text.starts_with('/') {
            let help = if text.starts_with('~') {
                "write the home folder of the runtime in full, such as `/home/agent/note.txt`"
            } else {
                "begin with `/`, such as `/tmp/note.txt` or `/tmp/**/note.txt`"
            };
            return Err(problem("`no-file` needs an absolute path").help(help));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, rejected};

    const TURN: &str = "[[turn]]\ncontext = \"a\"\nsay = \"Now {door}.\"\n";

    #[test]
    fn empty_text_is_rejected() {
        for key in ["contains", "lacks", "matches"] {
            let (place, message, _) = rejected(&format!("{TURN}expect.reply.{key} = [\"{{door}}\", \"\"]"));
            assert_eq!(
                (place.as_str(), message.as_str()),
                ("\"\"", "turn 2: an empty text is contained in every text")
            );
        }
    }

    #[test]
    fn lacks_others_needs_facts() {
        passes(&format!("{TURN}each = true\nexpect.reply.lacks-others = \"{{door}}\""));
        let (place, _, help) =
            rejected(&format!("{TURN}each = true\nexpect.reply.lacks-others = [\"order\"]"));
        assert_eq!((place.as_str(), help.as_str()), ("\"order\"", "write `{order}`"));
        let counted = rejected(&format!("{TURN}each = true\nexpect.reply.lacks-others = \"number {{n}}\""));
        assert_eq!(counted.2, "write `{door}`");
    }

    #[test]
    fn no_file_needs_absolute_paths() {
        passes(&format!("{TURN}expect.no-file = \"/**/{{door}}.txt\""));
        let (place, _, help) = rejected(&format!("{TURN}expect.no-file = \"~/a.txt\""));
        assert_eq!(place, "\"~/a.txt\"");
        assert!(help.starts_with("write the home folder"), "{help}");
        assert!(rejected(&format!("{TURN}expect.no-file = \"a.txt\"")).2.starts_with("begin with `/`"));
    }

    #[test]
    fn invalid_pattern_is_explained_in_one_line() {
        let (place, message, _) = rejected(&format!("{TURN}expect.reply.matches = [\"a\", \"(b\"]"));
        assert_eq!(
            (place.as_str(), message.as_str()),
            ("\"(b\"", "turn 2: invalid regular expression: unclosed group")
        );
    }
}
