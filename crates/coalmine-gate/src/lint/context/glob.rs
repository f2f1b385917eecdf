//! Patterns: those of required contexts, and those of branches and paths.

use regex::{Regex, RegexBuilder};

/// A required context as a branch protection holds it. Its signs `* ? [] {} \` are those of a glob.
#[derive(Debug, Clone)]
pub struct Glob {
    text: String,
    pattern: Option<Regex>,
}

impl Glob {
    /// Returns a glob. One that cannot be read matches only its own text.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), pattern: regex(&of_glob(text)) }
    }

    /// Returns the text of the glob.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether a context matches.
    pub fn matches(&self, context: &str) -> bool {
        self.text == context || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(context))
    }
}

/// Returns whether the last of the patterns that matches a name is not negated, as `branches` and `paths` are read.
pub(super) fn selects(patterns: &[&str], name: &str) -> bool {
    patterns.iter().fold(false, |selected, pattern| {
        let (negated, pattern) = pattern.strip_prefix('!').map_or((false, *pattern), |rest| (true, rest));
        let matched = regex(&of_filter(pattern)).is_some_and(|pattern| pattern.is_match(name));
        if matched { !negated } else { selected }
    })
}

fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})$")).dot_matches_new_line(true).size_limit(1 << 20).build().ok()
}

fn of_glob(text: &str) -> String {
    let mut pattern = String::new();
    let (mut letters, mut alternatives) = (text.chars().peekable(), 0_usize);
    while let Some(letter) = letters.next() {
        match letter {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            '\\' => letters.next().into_iter().for_each(|letter| push_literal(&mut pattern, letter)),
            '[' => push_class(&mut pattern, &mut letters),
            '{' => {
                alternatives += 1;
                pattern.push_str("(?:");
            }
            '}' if alternatives > 0 => {
                alternatives -= 1;
                pattern.push(')');
            }
            ',' if alternatives > 0 => pattern.push('|'),
            letter => push_literal(&mut pattern, letter),
        }
    }
    pattern
}

fn of_filter(text: &str) -> String {
    let mut pattern = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.next_if_eq(&'*').is_some() => {
                // `**/` also matches no folder at all
                let folder = letters.next_if_eq(&'/').is_some();
                pattern.push_str(if folder { "(?:.*/)?" } else { ".*" });
            }
            '*' => pattern.push_str("[^/]*"),
            '?' | '+' if !pattern.is_empty() => pattern.push(letter),
            '[' => push_class(&mut pattern, &mut letters),
            '\\' => letters.next().into_iter().for_each(|letter| push_literal(&mut pattern, letter)),
            letter => push_literal(&mut pattern, letter),
        }
    }
    pattern
}

fn push_literal(pattern: &mut String, letter: char) {
    pattern.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
}

/// Adds a class of letters such as `[a-c]` or `[!x]`, up to its bracket.
fn push_class(pattern: &mut String, letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    pattern.push('[');
    if letters.next_if(|letter| *letter == '!' || *letter == '^').is_some() {
        pattern.push('^');
    }
    for letter in letters.by_ref() {
        match letter {
            ']' => break,
            '-' => pattern.push('-'),
            letter if letter.is_alphanumeric() => pattern.push(letter),
            letter => pattern.extend(['\\', letter]),
        }
    }
    pattern.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_of_contexts_match() {
        let matches = |glob: &str, context: &str| Glob::new(glob).matches(context);
        assert!(matches("ci / * (pull_request)", "ci / a / b (pull_request)"));
        assert!(matches(r"a \* b", "a * b") && !matches(r"a \* b", "a x b"));
        assert!(matches("{a,b}?", "bx") && !matches("{a,b}?", "b"));
        assert!(matches("[!x]y", "ay") && !matches("[!x]y", "xy"));
        assert!(matches("n ${{ matrix.a }} (x)", "n ${{ matrix.a }} (x)"));
        assert!(!matches("a / b", "a / b (push)"));
    }

    #[test]
    fn filters_select_by_the_last_match() {
        assert!(selects(&["main", "release/**"], "release/1/x"));
        assert!(!selects(&["release/*"], "release/1/x"));
        assert!(!selects(&["**", "!docs/**"], "docs/a.md") && selects(&["**/a.md"], "a.md"));
        assert!(!selects(&["nothing/**"], "README.md"));
    }

    #[test]
    fn unreadable_patterns_match_their_text_only() {
        assert!(Glob::new("[z-a").matches("[z-a") && !Glob::new("[z-a").matches("b"));
        assert!(!selects(&["[z-a]"], "b"));
    }
}
