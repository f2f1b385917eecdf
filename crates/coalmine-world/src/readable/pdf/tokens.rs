//! The tokens of a content stream (ISO 32000-1, sections 7.2 and 7.3.4).

/// A part of a stream, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A string, written literally or in hexadecimal digits.
    String(Vec<u8>),
    /// The beginning or the end of an array.
    Array { begins: bool },
    /// An operator, a number or a name.
    Word(&'a [u8]),
}

/// Iterates over the tokens of a stream.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Takes the next byte.
    fn next_byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.position)?;
        self.advance(1);
        Some(byte)
    }

    fn advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes);
    }

    /// Skips a byte if it is the next one.
    fn skip(&mut self, byte: u8) {
        self.advance(usize::from(self.bytes.get(self.position) == Some(&byte)));
    }

    /// Skips bytes while they match, and returns them.
    fn skip_while(&mut self, matches: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let length = rest.iter().position(|byte| !matches(*byte)).unwrap_or(rest.len());
        self.advance(length);
        rest.split_at(length).0
    }

    /// Reads the rest of a literal string, up to the closing parenthesis.
    fn literal(&mut self) -> Vec<u8> {
        let mut string = vec![];
        let mut depth = 1_usize;
        while let Some(byte) = self.next_byte() {
            match byte {
                b'(' => depth = depth.saturating_add(1),
                b')' => depth = depth.saturating_sub(1),
                b'\\' => {
                    string.extend(self.escaped());
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            string.push(byte);
        }
        string
    }

    /// Reads an escape sequence after its backslash. A line continuation stands for nothing.
    fn escaped(&mut self) -> Option<u8> {
        match self.next_byte()? {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                self.skip(b'\n');
                None
            }
            first @ b'0'..=b'7' => {
                let mut code = first & 7;
                for _ in 0..2 {
                    match self.bytes.get(self.position) {
                        // what does not fit into a byte is ignored
                        Some(digit @ b'0'..=b'7') => code = code << 3 | digit & 7,
                        _ => break,
                    }
                    self.advance(1);
                }
                Some(code)
            }
            other => Some(other),
        }
    }

    /// Reads the rest of a string in hexadecimal digits. If the last digit of a pair is missing, it is zero.
    fn hexadecimal(&mut self) -> Vec<u8> {
        let digits = self.skip_while(|byte| byte.is_ascii_hexdigit() || is_space(byte));
        self.skip(b'>');
        let digits: Vec<_> = digits.iter().filter_map(|digit| char::from(*digit).to_digit(16)).collect();
        let digit = |pair: &[u32], index: usize| pair.get(index).copied().unwrap_or(0);
        let byte = |pair: &[u32]| u8::try_from(digit(pair, 0) << 4 | digit(pair, 1)).ok();
        digits.chunks(2).filter_map(byte).collect()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let begin = self.position;
            match self.next_byte()? {
                b'(' => return Some(Token::String(self.literal())),
                b'<' if self.bytes.get(self.position) == Some(&b'<') => self.advance(1),
                b'<' => return Some(Token::String(self.hexadecimal())),
                bracket @ (b'[' | b']') => return Some(Token::Array { begins: bracket == b'[' }),
                b'%' => {
                    self.skip_while(|byte| !matches!(byte, b'\r' | b'\n'));
                }
                byte if ends_word(byte) => {}
                _ => {
                    self.skip_while(|byte| {
                        !ends_word(byte) && !matches!(byte, b'(' | b'<' | b'[' | b']' | b'%')
                    });
                    return self.bytes.get(begin..self.position).map(Token::Word);
                }
            }
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

/// Returns whether a byte is white space, or a delimiter that begins no token here.
fn ends_word(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b')' | b'>' | b'{' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(stream: &str) -> String {
        match Tokens::new(stream.as_bytes()).next() {
            Some(Token::String(bytes)) => String::from_utf8(bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_strings_in_both_forms() {
        assert_eq!(
            string(
                r"(a (nested) \(one\) \\ \101\60 \
b)"
            ),
            "a (nested) (one) \\ A0 b"
        );
        assert_eq!(string("<4b 51\n5>"), "KQP");
        assert_eq!(string("(open"), "open");
    }

    #[test]
    fn words_end_at_the_next_token() {
        let words: Vec<_> = Tokens::new(b"BT/F1 12 Tf[(x)]TJ % (no)\nET").collect();
        let word = |text: &'static str| Token::Word(text.as_bytes());
        let array = |begins| Token::Array { begins };
        let x = Token::String(b"x".to_vec());
        assert_eq!(
            words,
            [word("BT/F1"), word("12"), word("Tf"), array(true), x, array(false), word("TJ"), word("ET")]
        );
    }
}
