//! Text in which nothing is hidden, and addresses that lead nowhere else.

use std::fmt;

use camino::{Utf8Component, Utf8Path};
use coalmine::event::is_hidden;

use crate::escape::push_code;

/// Text that may be shown: what cannot be seen, or acts on the text around it, is written as a code such as `\u{202e}`. Line
/// breaks stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown(String);

impl Shown {
    /// Returns at most `max` characters of a text, with `…` at the end if there are more.
    pub(crate) fn new(text: &str, max: usize) -> Self {
        match text.char_indices().nth(max) {
            Some((end, _)) => Self(visible(&text[..end]) + "…"),
            None => Self(visible(text)),
        }
    }

    /// Returns the whole of a text that is bounded already.
    pub(crate) fn whole(text: impl AsRef<str>) -> Self {
        Self(visible(text.as_ref()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match character {
            '\n' => visible.push('\n'),
            '\r' if text[at + 1..].starts_with('\n') => {}
            '\r' => visible.push_str("\\r"),
            '\t' => visible.push_str("\\t"),
            _ if is_hidden(character) => push_code(&mut visible, character),
            _ => visible.push(character),
        }
    }
    visible
}

/// Returns the name of a place in the page, such as `name-recall-turn-2`. It holds letters, digits, `-`, `.` and `_` only.
pub(crate) fn anchor(id: &str) -> Shown {
    let safe =
        |letter: char| if letter.is_ascii_alphanumeric() || "-.".contains(letter) { letter } else { '_' };
    Shown(id.chars().take(100).map(safe).collect())
}

/// Returns the address of a file in the run's folder, relative to the page. A path that leads out of the folder has none.
pub(crate) fn address(path: &str) -> Option<Shown> {
    let path = Utf8Path::new(path);
    let is_inside = path.components().all(|part| matches!(part, Utf8Component::Normal(_)));
    if path.as_str().is_empty() || path.as_str().len() > 1_000 || !is_inside {
        return None;
    }
    let mut address = String::from("./");
    for byte in path.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => {
                address.push(char::from(byte))
            }
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(Shown(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_become_codes() {
        let text = "a\r\nb\rc\td\u{202e}e\0\u{feff}é😀\u{2028}";
        assert_eq!(Shown::whole(text).as_str(), "a\nb\\rc\\td\\u{202e}e\\x00\\u{feff}é😀\\u{2028}");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(Shown::new("éééé", 3).as_str(), "ééé…");
        assert_eq!(Shown::new("ééé", 3).as_str(), "ééé");
    }

    #[test]
    fn addresses_stay_in_the_folder() {
        for path in ["", "/etc/passwd", "../x", "wire/../../x", "//host/x", "./"] {
            assert_eq!(address(path), None, "{path}");
        }
        for (path, expected) in [
            ("wire/a-turn-1.json", "./wire/a-turn-1.json"),
            ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
            ("a\"><script>", "./a%22%3E%3Cscript%3E"),
        ] {
            assert_eq!(address(path).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn anchors_are_plain() {
        assert_eq!(anchor("name-recall").as_str(), "name-recall");
        assert_eq!(anchor("a\"b c<\u{202e}").as_str(), "a_b_c__");
    }
}
