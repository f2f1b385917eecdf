//! The strings that a content stream shows (ISO 32000-1, section 9.4.3).

use super::{
    super::decode_text,
    tokens::{Token, Tokens},
};

/// An offset between two strings of an array, in thousandths of the font's size, that looks like a space.
const SPACE: f32 = -200.0;

/// Appends the text that a stream shows. Anything but a content stream shows none.
pub(super) fn append_shown(stream: &[u8], text: &mut String) {
    // the strings before an operator
    let mut operand: Vec<u8> = vec![];
    let mut in_array = false;
    for token in Tokens::new(stream) {
        match token {
            Token::String(bytes) => operand.extend(bytes),
            Token::Array { begins } => in_array = begins,
            Token::Word(word) => match number(word) {
                Some(number) if in_array && number <= SPACE && !operand.is_empty() => operand.push(b' '),
                Some(_) => {}
                None => operate(word, &std::mem::take(&mut operand), text),
            },
        }
    }
}

/// Applies an operator.
fn operate(operator: &[u8], operand: &[u8], text: &mut String) {
    let begins_line = matches!(operator, b"'" | b"\"" | b"Td" | b"TD" | b"Tm" | b"T*" | b"ET");
    if begins_line && !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    if matches!(operator, b"Tj" | b"TJ" | b"'" | b"\"") {
        text.push_str(&decode_text(operand));
    }
}

fn number(word: &[u8]) -> Option<f32> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    fn shown(stream: &str) -> String {
        let mut text = String::new();
        super::append_shown(stream.as_bytes(), &mut text);
        text
    }

    #[test]
    fn reads_every_operator_that_shows_text() {
        assert_eq!(shown("BT /F1 12 Tf 72 720 Td (one) Tj (two) ' 1 2 (three) \" ET"), "one\ntwo\nthree\n");
        assert_eq!(shown("[(KQ) -20 (X-4) 15.5 <38> ] TJ"), "KQX-48");
        assert_eq!(shown("[(the) -250 (code)] TJ T* (x) Tj"), "the code\nx");
    }

    #[test]
    fn ignores_strings_that_are_not_shown() {
        assert_eq!(shown("/Span <</ActualText (hidden) >> BDC (seen) Tj EMC"), "seen");
        assert_eq!(shown("(lost) Td (kept) Tj"), "kept");
    }

    #[test]
    fn decodes_latin_letters() {
        assert_eq!(shown(r"(Stra\337e) Tj"), "Straße");
    }
}
