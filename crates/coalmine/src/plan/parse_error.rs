//! Errors of the TOML parser, reworded for the people who write the files.

use std::ops::Range;

use super::nearest::did_you_mean;

/// An error of the parser in our own words.
#[derive(Debug, Default)]
pub(super) struct Reworded {
    /// What is wrong, and what was expected.
    pub(super) message: String,
    /// What to write instead.
    pub(super) help: Option<String>,
}

/// Rewords a message of the parser. `written` is the text that the message is about.
pub(super) fn reword(message: &str, written: &str) -> Reworded {
    unknown_name(message)
        .or_else(|| missing_key(message))
        .or_else(|| single_table(message, written))
        .or_else(|| wrong_type(message))
        .unwrap_or_else(|| Reworded { message: message.replace('\n', ", "), help: None })
}

/// Returns a span that can be underlined: at least one character, within one line.
pub(super) fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    if span == (0..0) && line_end(text, 0) > 0 {
        // the error is about the whole file
        return 0..line_end(text, 0);
    }
    if span.is_empty() && line_end(text, start) == start {
        // at the end of a line, the error is about the character before it
        let before = text[..start].char_indices().rfind(|(_, c)| *c != '\n');
        start = before.map_or(0, |(at, _)| at);
    }
    let width = text[start..].chars().next().map_or(0, char::len_utf8);
    start..span.end.clamp(start + width, line_end(text, start).max(start + width))
}

fn line_end(text: &str, start: usize) -> usize {
    text[start..].find('\n').map_or(text.len(), |at| start + at)
}

/// Rewords "unknown field `x`, expected one of `a`, `b`".
fn unknown_name(message: &str) -> Option<Reworded> {
    let (kind, rest) = [("key", "unknown field `"), ("value", "unknown variant `")]
        .into_iter()
        .find_map(|(kind, prefix)| Some((kind, message.strip_prefix(prefix)?)))?;
    let (name, expected) = rest.split_once('`')?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let help = (!known.is_empty()).then(|| did_you_mean(name, known));
    Some(Reworded { message: format!("unknown {kind} `{name}`"), help })
}

/// Rewords "missing field `x`".
fn missing_key(message: &str) -> Option<Reworded> {
    let key = message.strip_prefix("missing field `")?.split('`').next()?;
    let (example, note) = match key {
        "id" => ("id = \"order-recall\"", ""),
        "title" => ("title = \"An order given in turn 1 is known in turn 2\"", ""),
        "level" => ("level = \"continuity\"", ", or `must` or `should` as in the A2A specification"),
        "context" => ("context = \"a\"", "; turns with the same name are one conversation"),
        "when" => (
            "when = \"which code has my order\"",
            ", a regular expression that is searched for in the question",
        ),
        "reply" => ("reply = \"Noted.\"", ""),
        "role" => ("role = \"memory-write\"", ""),
        "with" => ("with = \"The code is {code}.\"", ", the text that is passed to the tool"),
        "name" => ("name = \"note.txt\"", ""),
        "content" => ("content = \"The code is {code}.\"", ""),
        "description" => ("description = \"How to find the code of a customer.\"", ""),
        "text" => ("text = \"The code of every customer is {code}.\"", ""),
        "answer" => ("answer = [{ when = \"code\", reply = \"The code is {code}.\" }]", ""),
        "canary" => ("canary = \"file-only\"", ""),
        "reason" => ("reason = \"rejects messages without text\"", ""),
        "bearer" => ("bearer = \"{token}\"", ""),
        _ => ("", ""),
    };
    let help = (!example.is_empty()).then(|| format!("write `{example}`{note}"));
    Some(Reworded { message: format!("missing key `{key}`"), help })
}

/// Rewords the error for `[turn]` in place of `[[turn]]`.
fn single_table(message: &str, written: &str) -> Option<Reworded> {
    let name = written.strip_prefix('[')?.strip_suffix(']')?;
    if message != "invalid type: map, expected a sequence" || name.starts_with('[') {
        return None;
    }
    Some(Reworded {
        message: format!("`[{name}]` is a single table: expected a list of tables"),
        help: Some(format!("write `[[{name}]]` at the start of each entry")),
    })
}

/// Rewords "invalid type: integer `3`, expected a string" in the terms of TOML.
fn wrong_type(message: &str) -> Option<Reworded> {
    let (found, expected) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let found = match found {
        "map" => "a table",
        "sequence" => "an array",
        other => other,
    };
    let (expected, help) = match expected {
        "a string" => ("a string", "write it in quotes"),
        "a boolean" => ("`true` or `false`", "write it without quotes"),
        "a sequence" => ("an array", "write it in brackets: `[…]`"),
        "u16" | "u32" | "u64" => ("a whole number", "write it without quotes"),
        _ => ("a table", "write its keys with dots, such as `expect.reply.contains`, or in braces"),
    };
    Some(Reworded { message: format!("expected {expected}, found {found}"), help: Some(help.to_owned()) })
}

#[cfg(test)]
mod tests {
    use crate::plan::Canary;

    /// Returns the place, the message and the help of the error about a file.
    fn rejected(text: &str) -> (String, String, String) {
        let error = Canary::read("x.toml", text).unwrap_err();
        (error.text[error.span.clone()].to_owned(), error.message, error.help.unwrap_or_default())
    }

    const HEAD: &str = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\n";

    #[test]
    fn missing_key_is_shown_with_an_example() {
        let (place, message, help) = rejected("id = \"x\"\ntitle = \"t\"\n[[turn]]\ncontext = \"a\"\n");
        assert_eq!((place.as_str(), message.as_str()), ("id = \"x\"", "missing key `level`"));
        assert_eq!(help, "write `level = \"continuity\"`, or `must` or `should` as in the A2A specification");
        let (place, message, help) = rejected(&format!("{HEAD}[[turn]]\nsay = \"a\"\n"));
        assert_eq!((place.as_str(), message.as_str()), ("[[turn]]", "missing key `context`"));
        assert_eq!(help, "write `context = \"a\"`; turns with the same name are one conversation");
    }

    #[test]
    fn empty_file_lacks_its_first_key() {
        assert_eq!(rejected("").1, "missing key `id`");
        assert_eq!(rejected("\n\n").1, "missing key `id`");
    }

    #[test]
    fn syntax_error_has_a_place() {
        assert_eq!(rejected("id = \"x\"\ntitle =\nlevel = \"must\"\n").0, "=");
        assert_eq!(rejected("id = \"x\ntitle = \"t\"\n").0, "x");
        assert!(!rejected("id = \"ä").0.is_empty());
        assert!(!rejected(&format!("{HEAD}id = \"y\"\n")).0.is_empty());
    }

    #[test]
    fn single_table_is_shown_with_the_list_syntax() {
        let (place, message, help) = rejected(&format!("{HEAD}[turn]\ncontext = \"a\"\nsay = \"b\"\n"));
        assert_eq!(place, "[turn]");
        assert_eq!(message, "`[turn]` is a single table: expected a list of tables");
        assert_eq!(help, "write `[[turn]]` at the start of each entry");
    }

    #[test]
    fn wrong_type_is_named() {
        for (line, place, message) in [
            ("say = 3", "3", "expected a string, found integer `3`"),
            ("each = \"yes\"", "\"yes\"", "expected `true` or `false`, found string \"yes\""),
            ("files = { name = 1 }", "{ name = 1 }", "expected an array, found a table"),
            ("repeat = true", "true", "expected a whole number, found boolean `true`"),
            ("expect.reply = \"b\"", "\"b\"", "expected a table, found string \"b\""),
        ] {
            let (shown, found, help) = rejected(&format!("{HEAD}[[turn]]\ncontext = \"a\"\n{line}\n"));
            assert_eq!((shown.as_str(), found.as_str()), (place, message));
            assert!(help.starts_with("write it"), "{help}");
        }
    }
}
