//! Undoes the escapes of JSON and of URLs, one token at a time.

/// The bytes with which an escape begins.
pub(super) const ESCAPES: [u8; 2] = [b'\\', b'%'];
/// The most backslashes in a row: a secret may hold some itself, and JSON in JSON has four for each.
const MAX_BACKSLASHES: usize = 127;
/// How many backslashes of a longer row are passed over at once. Otherwise each of them would count the others again.
const PASSED_OVER: usize = 64;
/// How often a percent sign may itself be escaped.
const MAX_PERCENTS: usize = 4;

/// A piece of a text, with the bytes that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// The length of the piece.
    pub(super) length: usize,
    bytes: [u8; 4],
    count: usize,
}

impl Token {
    fn byte(length: usize, byte: u8) -> Self {
        Self { length, bytes: [byte, 0, 0, 0], count: 1 }
    }

    /// Returns a byte that was written as a number. An escaped backslash is one that escapes something else, so it
    /// is left out like all others.
    fn number(length: usize, number: u32) -> Self {
        match u8::try_from(number) {
            Ok(b'\\') | Err(_) => Self::nothing(length),
            Ok(byte) => Self::byte(length, byte),
        }
    }

    fn nothing(length: usize) -> Self {
        Self { length, bytes: [0; 4], count: 0 }
    }

    fn code(length: usize, code: u32) -> Self {
        let mut bytes = [0; 4];
        let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        let count = letter.encode_utf8(&mut bytes).len();
        Self { length, bytes, count }
    }

    /// Returns the bytes that the piece stands for.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.count]
    }
}

/// Reads the token at the beginning of a text; `None` if that depends on what follows. If the text has
/// `ended`, nothing follows.
pub(super) fn token(text: &[u8], ended: bool) -> Option<Token> {
    match text.first()? {
        b'\\' => backslash(text, ended),
        b'%' => percent(text, ended),
        byte => Some(Token::byte(1, *byte)),
    }
}

/// Returns a text without its escapes.
pub(super) fn decoded(text: &[u8]) -> Vec<u8> {
    let (mut decoded, mut rest) = (vec![], text);
    while let Some(token) = token(rest, true) {
        decoded.extend_from_slice(token.bytes());
        rest = &rest[token.length..];
    }
    decoded
}

fn backslash(text: &[u8], ended: bool) -> Option<Token> {
    let run = backslashes(text);
    if run > MAX_BACKSLASHES {
        return Some(Token::byte(PASSED_OVER, b'\\'));
    }
    let (rest, length) = (&text[run..], run + 1);
    Some(match rest.first() {
        None => return ended.then(|| Token::nothing(run)),
        Some(b'%') => Token::nothing(run),
        Some(b'u') => return code_point(text, run, ended),
        Some(b'x') => match digits(&rest[1..], 2) {
            Digits::Are(byte) => Token::number(length + 2, byte),
            Digits::Short if !ended => return None,
            Digits::Short | Digits::Not => Token::byte(length, b'x'),
        },
        Some(b'n') => Token::byte(length, b'\n'),
        Some(b'r') => Token::byte(length, b'\r'),
        Some(b't') => Token::byte(length, b'\t'),
        Some(b'b') => Token::byte(length, 8),
        Some(b'f') => Token::byte(length, 12),
        Some(byte) => Token::byte(length, *byte),
    })
}

/// Reads `\u0041`, or two of these for a character beyond the basic plane.
fn code_point(text: &[u8], run: usize, ended: bool) -> Option<Token> {
    let high = match digits(&text[run + 1..], 4) {
        Digits::Are(code @ 0..0x80) => return Some(Token::number(run + 5, code)),
        Digits::Are(code) => code,
        Digits::Short if !ended => return None,
        Digits::Short | Digits::Not => return Some(Token::byte(run + 1, b'u')),
    };
    let length = run + 5;
    if !(0xd800..0xdc00).contains(&high) {
        return Some(Token::code(length, high));
    }
    let second = &text[length..];
    let run = backslashes(second);
    if !ended && second.len() < run + 5 && second.len() <= MAX_BACKSLASHES + 5 {
        return None;
    }
    let low = match second.get(run) {
        Some(b'u') if run > 0 => digits(&second[run + 1..], 4),
        _ => Digits::Not,
    };
    Some(match low {
        Digits::Are(low @ 0xdc00..0xe000) => {
            Token::code(length + run + 5, 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
        }
        _ => Token::code(length, high),
    })
}

/// Reads `%41`, also if its percent sign is written as `%25`.
fn percent(text: &[u8], ended: bool) -> Option<Token> {
    let longest = 2 * (MAX_PERCENTS + 1);
    let hex = text[1..].iter().take(longest).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if !ended && hex < longest && text.len() == hex + 1 {
        return None;
    }
    let mut at = 1;
    while text[at..].starts_with(b"25") && hex >= at + 3 && at < longest {
        at += 2;
    }
    Some(match digits(&text[at..], 2) {
        Digits::Are(byte) => Token::number(at + 2, byte),
        Digits::Short | Digits::Not => Token::byte(1, b'%'),
    })
}

/// Returns how many backslashes a text begins with, counted only as far as it matters.
fn backslashes(text: &[u8]) -> usize {
    text.iter().take(MAX_BACKSLASHES + 1).take_while(|byte| **byte == b'\\').count()
}

enum Digits {
    Are(u32),
    /// There are some, and the text ends.
    Short,
    Not,
}

/// Reads hexadecimal digits.
fn digits(text: &[u8], count: usize) -> Digits {
    let mut value = 0;
    for at in 0..count {
        let Some(byte) = text.get(at) else { return Digits::Short };
        let Some(digit) = char::from(*byte).to_digit(16) else { return Digits::Not };
        value = value * 16 + digit;
    }
    Digits::Are(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_every_escape_at_every_depth() {
        for (text, plain) in [
            (r#"a\"b\/c\\\"d\\\\e"#, "a\"b/c\"de"),
            (r"\u0041\\u0042\\\\u0043\x44", "ABCD"),
            (r"a\u005cb\x5cc%5Cd\%41", "abcdA"),
            (r"\n\\n\t\r\b\f", "\n\n\t\r\u{8}\u{c}"),
            (r"caf\u00e9 \ud83d\ude00 \\ud83d\\ude00", "café 😀 😀"),
            ("%41%2541%25252541 100% %4 %zz %25", "AAA 100% %4 %zz %"),
            (r"\u12 \x4 \u12zz \", "u12 x4 u12zz "),
        ] {
            assert_eq!(String::from_utf8_lossy(&decoded(text.as_bytes())), plain, "{text}");
        }
    }

    #[test]
    fn long_rows_of_backslashes_take_few_steps() {
        let text = "\\".repeat(100_000) + "x\\u0041";
        let (mut rest, mut steps) = (text.as_bytes(), 0);
        while let Some(token) = token(rest, true) {
            rest = &rest[token.length..];
            steps += 1;
        }
        assert!(steps < 2_000, "{steps}");
        assert!(decoded(text.as_bytes()).ends_with(b"xA"));
    }

    #[test]
    fn waits_only_for_what_decides() {
        for open in ["\\", "\\\\", "\\u", "\\u00", "\\x4", "%", "%4", "%25", "%2525", "\\ud83d", "\\ud83d\\u"]
        {
            assert_eq!(token(open.as_bytes(), false), None, "{open}");
        }
        for closed in ["a", "\\q", "%z", "%41 ", "\\u0041", "\\u00z"] {
            assert!(token(closed.as_bytes(), false).is_some(), "{closed}");
        }
        let endless = "\\".repeat(MAX_BACKSLASHES + 1);
        assert_eq!(token(endless.as_bytes(), false), Some(Token::byte(PASSED_OVER, b'\\')));
        assert!(token(b"%25252525252525252525", false).is_some());
    }
}
