//! Where something stands in a TOML file: found by its keys, so that text which only looks like it is never meant.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Something that is wrong with a file, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Problem {
    /// Keys and numbers (from 0) from the top, such as `turn/1/expect/reply/contains`.
    pub(super) path: String,
    /// The part of what stands there that is meant; all of it where this is empty. A key's own name means the key.
    pub(super) needle: String,
    /// What is wrong.
    pub(super) message: String,
    /// What to write instead.
    pub(super) help: Option<String>,
}

impl Problem {
    /// Something wrong with what stands at a path.
    pub(super) fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), ..Self::default() }
    }

    /// Only this part of it is meant.
    pub(super) fn needle(self, needle: impl Into<String>) -> Self {
        Self { needle: needle.into(), ..self }
    }

    /// What to write instead.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Bytes of what stands at a path, or of a part of it; of the nearest thing around it where nothing stands there; 0..0
/// where the text is no TOML.
pub(super) fn span(text: &str, path: &str, needle: &str) -> Range<usize> {
    let Ok(root) = DeTable::parse(text) else { return 0..0 };
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    let first = steps.next();
    let found = first.and_then(|key| root.get_ref().get_key_value(key));
    let Some((key, mut here)) = found else { return 0..0 };
    let (mut key, mut last) = (key.span(), first.unwrap_or_default());
    for step in steps {
        let next = match here.get_ref() {
            DeValue::Table(table) => table.get_key_value(step).map(|(key, value)| (key.span(), value)),
            DeValue::Array(list) => {
                step.parse().ok().and_then(|at: usize| list.get(at)).map(|value| (0..0, value))
            }
            _ => None,
        };
        let Some((its_key, value)) = next else { break };
        (key, last, here) = (its_key, step, value);
    }
    let all = here.span();
    match text.get(all.clone()).and_then(|written| written.find(needle)).filter(|_| !needle.is_empty()) {
        Some(at) => all.start + at..all.start + at + needle.len(),
        None if needle == last && !key.is_empty() => key,
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# [[turn]]\nid = \"turn\"\n\n[facts]\nname = \"code\"\n\n[[turn]]\nsay = \"a\"\n\n\
                        [[turn]]\nsay = \"b {x}\"\nexpect.reply.lacks = [\"a\", \"c\"]\n";

    fn shown(path: &str, needle: &str) -> &'static str {
        &TEXT[span(TEXT, path, needle)]
    }

    #[test]
    fn a_place_is_found_by_its_keys() {
        assert_eq!(shown("id", ""), "\"turn\"");
        assert_eq!(shown("turn/1/say", ""), "\"b {x}\"");
        assert_eq!(shown("turn/1/say", "{x}"), "{x}");
        assert_eq!(shown("turn/1/expect/reply/lacks/1", ""), "\"c\"");
        assert_eq!(shown("facts/name", "name"), "name");
        assert_eq!(span(TEXT, "turn/0", "").start, TEXT.find("\n[[turn]]\nsay = \"a\"").unwrap() + 1);
    }

    #[test]
    fn what_does_not_stand_there_is_shown_at_the_nearest_thing_around_it() {
        assert_eq!(shown("turn/1/file", ""), "[[turn]]");
        assert_eq!(shown("turn/1/say/0", ""), "\"b {x}\"");
        assert_eq!(shown("nothing", ""), "");
    }
}
