//! The escaping that makes text of a runtime harmless on a terminal, in a CI log, in XML and to the eye.

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

fn push_code(escaped: &mut String, character: char) {
    let code = u32::from(character);
    if code <= 0xff {
        escaped.push_str(&format!("\\x{code:02x}"));
    } else {
        escaped.push_str(&format!("\\u{{{code:x}}}"));
    }
}

/// Returns whether a character acts on its surroundings, or cannot be seen, or cannot be put into XML.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'       // zero-width, direction marks
            | '\u{2028}'..='\u{202e}'       // line and paragraph separators, direction overrides
            | '\u{2060}'..='\u{206f}'       // invisible operators, direction isolates
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'       // interlinear annotation
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'     // tags, variation selectors beyond the basic plane
            | '\u{fdd0}'..='\u{fdef}')
        // The last two code points of every plane are not characters.
        || u32::from(character) & 0xfffe == 0xfffe
}

/// Escapes every hidden character of a JSON text, which keeps its value and becomes harmless on a terminal.
pub(crate) fn escape_json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' || !is_hidden(character) {
            safe.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            safe.push_str(&format!("\\u{unit:04x}"));
        }
    }
    safe
}
