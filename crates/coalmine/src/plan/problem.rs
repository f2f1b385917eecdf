//! Problems and their places in a TOML file. A place is found by its keys, so text that only looks the same
//! is not mistaken for it.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Something that is wrong with a file, and its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Problem {
    /// The keys and indexes (from 0) that lead to the value, such as `turn/1/expect/reply/contains`.
    pub(super) path: String,
    /// The part of the value that is wrong; empty for the whole value. The last key of the path stands for
    /// the key itself.
    pub(super) needle: String,
    /// What is wrong, and what was expected.
    pub(super) message: String,
    /// What to write instead.
    pub(super) help: Option<String>,
}

impl Problem {
    /// Returns a problem with the value at a path.
    pub(super) fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), ..Self::default() }
    }

    /// Narrows the problem to a part of the value.
    pub(super) fn needle(self, needle: impl Into<String>) -> Self {
        Self { needle: needle.into(), ..self }
    }

    /// Adds what to write instead.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Returns the range of bytes of the value at a path, or of a part of it. If there is no such value, returns
/// the range of the nearest value around it; if the text is not TOML, returns `0..0`.
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
    fn finds_a_place_by_its_keys() {
        assert_eq!(shown("id", ""), "\"turn\"");
        assert_eq!(shown("turn/1/say", ""), "\"b {x}\"");
        assert_eq!(shown("turn/1/say", "{x}"), "{x}");
        assert_eq!(shown("turn/1/expect/reply/lacks/1", ""), "\"c\"");
        assert_eq!(shown("facts/name", "name"), "name");
        assert_eq!(span(TEXT, "turn/0", "").start, TEXT.find("\n[[turn]]\nsay = \"a\"").unwrap() + 1);
    }

    #[test]
    fn falls_back_to_the_nearest_value_around() {
        assert_eq!(shown("turn/1/file", ""), "[[turn]]");
        assert_eq!(shown("turn/1/say/0", ""), "\"b {x}\"");
        assert_eq!(shown("nothing", ""), "");
    }
}
