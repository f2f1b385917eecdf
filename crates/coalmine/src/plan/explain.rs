//! What the parser says, in the words of those who write the files.

use std::ops::Range;

use super::nearest;

/// Turns a message of the parser about what is written at its place into what is wrong and what to write instead.
pub(super) fn explain(message: &str, written: &str) -> (String, Option<String>) {
    unknown(message)
        .or_else(|| missing(message))
        .or_else(|| one_of_many(message, written))
        .or_else(|| mistyped(message))
        .unwrap_or_else(|| (message.replace('\n', ", "), None))
}

/// A place that can be pointed at: at least one character, and on one line.
pub(super) fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    let line_end = |start: usize| text[start..].find('\n').map_or(text.len(), |at| start + at);
    if span == (0..0) && line_end(0) > 0 {
        // the file as a whole: its first line
        return 0..line_end(0);
    }
    if span.is_empty() && line_end(start) == start {
        // the end of a line: what stands before it is meant
        let before = text[..start].char_indices().rfind(|(_, c)| *c != '\n');
        start = before.map_or(0, |(at, _)| at);
    }
    let width = text[start..].chars().next().map_or(0, char::len_utf8);
    start..span.end.clamp(start + width, line_end(start).max(start + width))
}

/// "unknown field `x`, expected one of `a`, `b`", with the nearest name.
fn unknown(message: &str) -> Option<(String, Option<String>)> {
    let (kind, rest) = [("key", "unknown field `"), ("value", "unknown variant `")]
        .into_iter()
        .find_map(|(kind, prefix)| Some((kind, message.strip_prefix(prefix)?)))?;
    let (name, expected) = rest.split_once('`')?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            format!("known here: {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "))
        }
    };
    Some((format!("unknown {kind} `{name}`"), (!known.is_empty()).then_some(help)))
}

/// "missing field `x`", with what to write.
fn missing(message: &str) -> Option<(String, Option<String>)> {
    let key = message.strip_prefix("missing field `")?.split('`').next()?;
    let (example, note) = match key {
        "id" => ("id = \"order-recall\"", ""),
        "title" => ("title = \"An order told in turn 1 is known in turn 2\"", ""),
        "level" => ("level = \"continuity\"", ", or `must` or `should` in the A2A specification's words"),
        "context" => ("context = \"a\"", ": turns with the same name are one conversation"),
        "when" => {
            ("when = \"which code has my order\"", ": a regular expression, looked for in the question")
        }
        "reply" => ("reply = \"Noted.\"", ""),
        "role" => ("role = \"memory-write\"", ""),
        "with" => ("with = \"The code is {code}.\"", ": the text that is handed to the tool"),
        "name" => ("name = \"note.txt\"", ""),
        "content" => ("content = \"The code is {code}.\"", ""),
        "description" => ("description = \"How to find the code of a customer.\"", ""),
        "text" => ("text = \"The code of every customer is {code}.\"", ""),
        "answer" => ("answer = [{ when = \"code\", reply = \"The code is {code}.\" }]", ""),
        "canary" => ("canary = \"file-only\"", ""),
        "reason" => ("reason = \"refuses messages without text\"", ""),
        "bearer" => ("bearer = \"{token}\"", ""),
        _ => ("", ""),
    };
    let help = (!example.is_empty()).then(|| format!("write `{example}`{note}"));
    Some((format!("the key `{key}` is missing"), help))
}

/// `[turn]` where `[[turn]]` is meant.
fn one_of_many(message: &str, written: &str) -> Option<(String, Option<String>)> {
    let name = written.strip_prefix('[')?.strip_suffix(']')?;
    (message == "invalid type: map, expected a sequence" && !name.starts_with('[')).then(|| {
        (format!("`[{name}]` is one of a list"), Some(format!("write `[[{name}]]`: each begins another one")))
    })
}

/// "invalid type: integer `3`, expected a string", in the words of TOML.
fn mistyped(message: &str) -> Option<(String, Option<String>)> {
    let (found, wanted) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let found = match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => format!("a {}", found.replace("integer", "number").replace("string", "text")),
    };
    let (wanted, help) = match wanted {
        "a string" => ("a text", "write it in quotes"),
        "a boolean" => ("`true` or `false`", "write it without quotes"),
        "a sequence" => ("a list", "write it in brackets: `[…]`"),
        "u16" | "u32" | "u64" => ("a whole number", "write it without quotes"),
        _ => ("a table of keys", "write its keys with a dot, such as `expect.reply.contains`, or in braces"),
    };
    Some((format!("this is {found}, and must be {wanted}"), Some(help.to_owned())))
}

#[cfg(test)]
mod tests {
    use crate::plan::Canary;

    /// What is told of a file: place, message, help.
    fn told(text: &str) -> (String, String, String) {
        let error = Canary::read("x.toml", text).unwrap_err();
        (error.text[error.span.clone()].to_owned(), error.message, error.help.unwrap_or_default())
    }

    const HEAD: &str = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\n";

    #[test]
    fn a_missing_key_is_shown_with_what_to_write() {
        let (place, message, help) = told("id = \"x\"\ntitle = \"t\"\n[[turn]]\ncontext = \"a\"\n");
        assert_eq!((place.as_str(), message.as_str()), ("id = \"x\"", "the key `level` is missing"));
        assert_eq!(
            help,
            "write `level = \"continuity\"`, or `must` or `should` in the A2A specification's words"
        );
        let (place, message, help) = told(&format!("{HEAD}[[turn]]\nsay = \"a\"\n"));
        assert_eq!((place.as_str(), message.as_str()), ("[[turn]]", "the key `context` is missing"));
        assert_eq!(help, "write `context = \"a\"`: turns with the same name are one conversation");
    }

    #[test]
    fn an_empty_file_lacks_its_first_key() {
        assert_eq!(told("").1, "the key `id` is missing");
        assert_eq!(told("\n\n").1, "the key `id` is missing");
    }

    #[test]
    fn an_error_of_syntax_has_a_place() {
        assert_eq!(told("id = \"x\"\ntitle =\nlevel = \"must\"\n").0, "=");
        assert_eq!(told("id = \"x\ntitle = \"t\"\n").0, "x");
        assert!(!told("id = \"ä").0.is_empty());
        assert!(!told(&format!("{HEAD}id = \"y\"\n")).0.is_empty());
    }

    #[test]
    fn one_turn_that_is_written_as_a_table_is_shown_how_to_write_it() {
        let (place, message, help) = told(&format!("{HEAD}[turn]\ncontext = \"a\"\nsay = \"b\"\n"));
        assert_eq!((place.as_str(), message.as_str()), ("[turn]", "`[turn]` is one of a list"));
        assert_eq!(help, "write `[[turn]]`: each begins another one");
    }

    #[test]
    fn a_value_of_another_type_is_told_in_words() {
        for (line, place, message) in [
            ("say = 3", "3", "this is a number `3`, and must be a text"),
            ("each = \"yes\"", "\"yes\"", "this is a text \"yes\", and must be `true` or `false`"),
            ("files = { name = 1 }", "{ name = 1 }", "this is a table, and must be a list"),
            ("repeat = true", "true", "this is a boolean `true`, and must be a whole number"),
            ("expect.reply = \"b\"", "\"b\"", "this is a text \"b\", and must be a table of keys"),
        ] {
            let (shown, told, help) = told(&format!("{HEAD}[[turn]]\ncontext = \"a\"\n{line}\n"));
            assert_eq!((shown.as_str(), told.as_str()), (place, message));
            assert!(help.starts_with("write it"), "{help}");
        }
    }
}
