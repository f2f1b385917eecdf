//! Characters that cannot be seen or act on what surrounds them, and how JSON is written without them.

use std::io::{self, Write};

/// Returns whether a character acts on its surroundings, or cannot be seen, or cannot be put into XML.
pub fn is_hidden(character: char) -> bool {
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
pub fn escape_json(text: &str) -> String {
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

/// A writer of JSON that writes hidden characters as escapes, whatever the pieces in which they come.
#[derive(Debug)]
pub struct EscapedJson<W> {
    out: W,
    /// The beginning of a character.
    open: Vec<u8>,
}

impl<W: Write> EscapedJson<W> {
    /// Returns a writer into `out`.
    pub fn new(out: W) -> Self {
        Self { out, open: vec![] }
    }
}

impl<W: Write> Write for EscapedJson<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.open.is_empty() && buffer.iter().all(|byte| *byte < 0x7f) {
            self.out.write_all(buffer)?;
            return Ok(buffer.len());
        }
        let mut bytes = std::mem::take(&mut self.open);
        bytes.extend_from_slice(buffer);
        let mut read = 0;
        for chunk in bytes.utf8_chunks() {
            self.out.write_all(escape_json(chunk.valid()).as_bytes())?;
            let invalid = chunk.invalid();
            read += chunk.valid().len() + invalid.len();
            let goes_on = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if goes_on && read == bytes.len() {
                self.open = invalid.to_vec();
            } else {
                self.out.write_all(invalid)?;
            }
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_in_any_pieces() {
        let line = "{\"text\":\"\u{9b}31m \u{85}\u{2028}\u{202e}\u{2066}\u{200b}\u{7f} é 😀 \u{e0041}\"}\n";
        let expected =
            "{\"text\":\"\\u009b31m \\u0085\\u2028\\u202e\\u2066\\u200b\\u007f é 😀 \\udb40\\udc41\"}\n";
        assert_eq!(escape_json(line), expected);
        for at in 0..line.len() {
            let mut out = vec![];
            let mut writer = EscapedJson::new(&mut out);
            writer.write_all(&line.as_bytes()[..at]).unwrap();
            writer.write_all(&line.as_bytes()[at..]).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected, "cut at {at}");
        }
        let value: serde_json::Value = serde_json::from_str(expected).unwrap();
        assert_eq!(value, serde_json::from_str::<serde_json::Value>(line).unwrap());
    }
}
