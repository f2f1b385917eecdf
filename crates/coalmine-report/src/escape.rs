//! The escaping that makes text of a runtime harmless on a terminal, in a CI log, in XML and to the eye.

use coalmine::event::is_hidden;

/// Replaces every hidden character with a visible escape and breaks up what CI logs read as commands.
///
/// - Control characters (C0, DEL, C1) become `\n`, `\r`, `\t`, `\x1b`, `\x9b`, so the result is one line.
/// - Overrides of the writing direction, zero-width and other invisible characters, and characters that XML
///   cannot hold become escapes such as `\u{202e}`.
/// - `::`, which starts a command in the logs of GitHub, becomes `:\x3a`.
/// - `##[`, `##vso[`, `##teamcity[` and the like, which start commands elsewhere, become `#\x23[`.
///
/// Everything else is unchanged, so escaping twice changes nothing.
pub fn escape(text: &str) -> String {
    escape_up_to(text, usize::MAX)
}

/// Escapes like [`escape()`] and cuts the result to at most `limit` characters. The last of them is `…` if
/// something was cut.
pub fn escape_bounded(text: &str, limit: usize) -> String {
    let escaped = escape_up_to(text, limit);
    if escaped.chars().nth(limit).is_none() {
        return escaped;
    }
    escaped.chars().take(limit.saturating_sub(1)).chain((limit > 0).then_some('…')).collect()
}

/// Replaces every character that [`escape()`] escapes, except line breaks and tabs, with one that shows that
/// something is there. Every byte keeps its place, so places in the text stay valid.
///
/// `::` stays: put something in front of each line.
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let rest = &text[at + character.len_utf8()..];
        match character {
            '\n' | '\t' => masked.push(character),
            '\r' if rest.starts_with('\n') => masked.push('\r'),
            '#' if masked.ends_with('#') && opens_command(rest) => masked.push('?'),
            _ if is_hidden(character) => {
                masked.push_str(["?", "¿", "\u{fffd}", "\u{fffd}?"][character.len_utf8() - 1])
            }
            _ => masked.push(character),
        }
    }
    masked
}

/// Escapes until the result exceeds `limit` characters, so that time and memory do not grow with the text.
fn escape_up_to(text: &str, limit: usize) -> String {
    let mut escaped = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    let mut length = 0;
    for (at, character) in text.char_indices() {
        let before = escaped.len();
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            ':' if escaped.ends_with(':') => escaped.push_str("\\x3a"),
            '#' if escaped.ends_with('#') && opens_command(&text[at + 1..]) => escaped.push_str("\\x23"),
            _ if is_hidden(character) => push_code(&mut escaped, character),
            _ => escaped.push(character),
        }
        length += escaped[before..].chars().count();
        if length > limit {
            break;
        }
    }
    escaped
}

/// Returns whether `rest`, the text after `##`, makes it a command: letters, then `[`.
fn opens_command(rest: &str) -> bool {
    rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric()).starts_with('[')
}

/// Adds the code of a character, such as `\u{202e}`.
pub(crate) fn push_code(escaped: &mut String, character: char) {
    let code = u32::from(character);
    if code <= 0xff {
        escaped.push_str(&format!("\\x{code:02x}"));
    } else {
        escaped.push_str(&format!("\\u{{{code:x}}}"));
    }
}
