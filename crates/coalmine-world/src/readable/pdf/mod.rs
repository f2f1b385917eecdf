//! Documents: the text that their content streams show, compressed or not.
//!
//! The structure of the file is not followed: every stream is looked at, so that a broken or an odd one is read as well.
//! Fonts are not looked up: text in a font's private code, as word processors embed them, is not readable here.

mod ascii85;
mod strings;
mod tokens;

use std::io::Read as _;

use flate2::bufread::ZlibDecoder;

use super::Room;

/// Longest dictionary of a stream that is looked at.
const DICTIONARY: usize = 512;

/// The text of a document, line by line.
pub(super) fn text(content: &[u8], room: &mut Room) -> String {
    let mut text = String::new();
    let mut rest = content;
    while let Some((before, after)) = split(rest, b"stream") {
        rest = after;
        if before.ends_with(b"end") {
            continue;
        }
        if !room.enter() {
            break;
        }
        let body = after.strip_prefix(b"\r").unwrap_or(after);
        let body = body.strip_prefix(b"\n").unwrap_or(body);
        if is_lettered(before) {
            let (bytes, behind) = ascii85::decode(body);
            if !room.spend(bytes.len()) {
                break;
            }
            match is_zlib(&bytes) {
                true => strings::shown(&inflate(&bytes, room).0, &mut text),
                false => strings::shown(&bytes, &mut text),
            }
            rest = behind;
        } else if is_zlib(body) {
            let (unpacked, used) = inflate(body, room);
            strings::shown(&unpacked, &mut text);
            rest = body.get(used..).unwrap_or_default();
        } else if let Some((plain, after)) = split(body, b"endstream") {
            strings::shown(plain, &mut text);
            rest = after;
        }
    }
    text
}

/// Whether the dictionary that ends here says that its stream is in letters.
fn is_lettered(before: &[u8]) -> bool {
    let dictionary = &before[before.len().saturating_sub(DICTIONARY)..];
    split(dictionary, b"/ASCII85Decode").is_some()
}

/// What stands before a word, and what behind it.
fn split<'a>(bytes: &'a [u8], word: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(word.len()).position(|window| window == word)?;
    Some((&bytes[..at], &bytes[at + word.len()..]))
}

/// Whether this begins as compressed data does (RFC 1950, section 2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

/// What is inflated before the end, an error or the bound, and how many bytes that took.
fn inflate(packed: &[u8], room: &mut Room) -> (Vec<u8>, usize) {
    let mut decoder = ZlibDecoder::new(packed);
    let mut unpacked = vec![];
    let most = u64::try_from(room.0).unwrap_or(u64::MAX);
    let _ = decoder.by_ref().take(most).read_to_end(&mut unpacked);
    room.spend(unpacked.len());
    (unpacked, usize::try_from(decoder.total_in()).unwrap_or(usize::MAX))
}
