//! Required contexts: names on GitHub, glob patterns on Gitea and Forgejo.

use regex::{Regex, RegexBuilder};

/// One required context of a protected branch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequiredContext {
    written: String,
    is_glob: bool,
    app: Option<u64>,
}

impl RequiredContext {
    /// Returns the entry that a forge with globs has, as it is written there.
    pub fn glob(written: impl Into<String>) -> Self {
        Self { written: written.into(), is_glob: true, app: None }
    }

    /// Returns the entry that a forge without globs has. Only statuses of the app count, if there is one.
    pub fn name(written: impl Into<String>, app: Option<u64>) -> Self {
        Self { written: written.into(), is_glob: false, app }
    }

    /// Returns the entry as the forge writes it.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Returns the app whose checks alone count, which only GitHub has.
    pub fn app(&self) -> Option<u64> {
        self.app
    }

    /// Returns the one context that the entry means, or `None` if it is a pattern for several.
    pub fn literal(&self) -> Option<String> {
        if self.is_glob { unescape(&self.written) } else { Some(self.written.clone()) }
    }

    /// Returns whether the entry means a context, be it by name or by pattern. A pattern that the forge cannot
    /// read matches nothing.
    pub fn matches(&self, context: &str) -> bool {
        if self.is_glob {
            self.literal().map_or_else(
                || expression(&self.written).is_some_and(|glob| glob.is_match(context)),
                |literal| literal == context,
            )
        } else {
            self.written == context
        }
    }
}

/// The characters that mean something in a glob.
const SPECIAL: &[char] = &['*', '?', '[', ']', '{', '}', '\\'];

/// Returns the glob that matches one text only.
pub(super) fn escape(text: &str) -> String {
    let mut glob = String::with_capacity(text.len());
    for character in text.chars() {
        if SPECIAL.contains(&character) {
            glob.push('\\');
        }
        glob.push(character);
    }
    glob
}

/// Returns the only text that a glob matches, or `None` if it matches others.
pub(super) fn unescape(glob: &str) -> Option<String> {
    let mut text = String::with_capacity(glob.len());
    let mut characters = glob.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push(characters.next()?),
            special if SPECIAL.contains(&special) => return None,
            plain => text.push(plain),
        }
    }
    Some(text)
}

/// Returns the regular expression of a glob, as Gitea reads it: no character separates, so `*` matches all.
fn expression(glob: &str) -> Option<Regex> {
    let mut pattern = String::from("^");
    let mut depth = 0_usize;
    let mut characters = glob.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            '[' => class(&mut characters, &mut pattern)?,
            '{' => {
                depth += 1;
                pattern.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                pattern.push(')');
            }
            ',' if depth > 0 => pattern.push('|'),
            '\\' => pattern.push_str(&regex::escape(characters.next()?.encode_utf8(&mut [0; 4]))),
            other => pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push('$');
    let is_closed = depth == 0;
    let mut builder = RegexBuilder::new(&pattern);
    builder.dot_matches_new_line(true).size_limit(1 << 20);
    if is_closed { builder.build().ok() } else { None }
}

/// Reads a class up to its `]`.
fn class(characters: &mut std::str::Chars<'_>, pattern: &mut String) -> Option<()> {
    pattern.push('[');
    let mut is_first = true;
    loop {
        match characters.next()? {
            ']' if !is_first => break,
            '!' if is_first => pattern.push('^'),
            '-' => pattern.push('-'),
            '\\' => pattern.push_str(&regex::escape(characters.next()?.encode_utf8(&mut [0; 4]))),
            other => {
                pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4])).replace('&', r"\&"));
            }
        }
        is_first = false;
    }
    pattern.push(']');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_context_matches_itself_alone() {
        for name in ["a / b (pull_request)", "m (x, y) [*]", r"a\b{c,d}?", ""] {
            let context = RequiredContext::glob(escape(name));
            assert_eq!(context.literal().as_deref(), Some(name));
            assert!(context.matches(name), "{name}");
            assert!(!context.matches(&format!("{name}x")), "{name}");
        }
    }

    #[test]
    fn glob_matches_as_gitea_reads_it() {
        let matches = |glob: &str, name: &str| RequiredContext::glob(glob).matches(name);
        assert!(matches("ci / * (push)", "ci / a/b.c (push)"));
        assert!(!matches("ci / * (push)", "ci / a (pull_request)"));
        assert!(matches("{a,b} / ?", "b / x") && !matches("{a,b} / ?", "c / x"));
        assert!(matches("[a-c]x", "bx") && !matches("[!a-c]x", "bx"));
        assert!(!matches("[a", "a") && !matches("{a", "a"), "a pattern that is not closed matches nothing");
        assert_eq!(RequiredContext::glob("a*").literal(), None);
    }

    #[test]
    fn names_are_no_globs_on_github() {
        let context = RequiredContext::name("build (*)", Some(15368));
        assert!(context.matches("build (*)") && !context.matches("build (x)"));
        assert_eq!((context.literal().as_deref(), context.app()), (Some("build (*)"), Some(15368)));
    }
}
