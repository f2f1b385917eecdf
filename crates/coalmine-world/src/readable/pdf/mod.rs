//! Documents: the text that their content streams show, compressed or not.
//!
//! Every stream is read, without following the structure of the file, so that broken and unusual files are
//! read as well. Fonts are ignored, so text in the private encoding of an embedded font, as word processors
//! write it, cannot be read.

mod ascii85;
mod tokens;
mod strings;

use std::io::Read as _;

use flate2::bufread::ZlibDecoder;

use super::Budget;

/// Maximum length of the dictionary before a stream.
const MAX_DICTIONARY: usize = 512;

/// Returns the text of a document, line by line.
pub(super) fn text(content: &[u8], budget: &mut Budget) -> String {
    let mut text = String::new();
    let mut rest = content;
    while let Some((before, after)) = split(rest, b"stream") {
        rest = after;
        if before.ends_with(b"end") {
            continue;
        }
        if !budget.open() {
            break;
        }
        let body = after.strip_prefix(b"\r").unwrap_or(after);
        let body = body.strip_prefix(b"\n").unwrap_or(body);
        if is_ascii85(before) {
            let (bytes, after) = ascii85::decode(body);
            if !budget.spend(bytes.len()) {
                break;
            }
            if is_zlib(&bytes) {
                strings::append_shown(&inflate(&bytes, budget).bytes, &mut text);
            } else {
                strings::append_shown(&bytes, &mut text);
            }
            rest = after;
        } else if is_zlib(body) {
            let inflated = inflate(body, budget);
            strings::append_shown(&inflated.bytes, &mut text);
            rest = body.get(inflated.consumed..).unwrap_or_default();
        } else if let Some((plain, after)) = split(body, b"endstream") {
            strings::append_shown(plain, &mut text);
            rest = after;
        }
    }
    text
}

/// Returns whether the dictionary that ends here says that its stream is written in base 85.
fn is_ascii85(before: &[u8]) -> bool {
    let (_, dictionary) = before.split_at(before.len().saturating_sub(MAX_DICTIONARY));
    split(dictionary, b"/ASCII85Decode").is_some()
}

/// Returns the bytes before a word and those after it.
fn split<'a>(bytes: &'a [u8], word: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let index = bytes.windows(word.len()).position(|window| window == word)?;
    Some((bytes.get(..index)?, bytes.get(index.saturating_add(word.len())..)?))
}

/// Returns whether this begins like compressed data (RFC 1950, section 2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

/// Decompressed data.
struct Inflated {
    bytes: Vec<u8>,
    /// The number of compressed bytes that were read.
    consumed: usize,
}

/// Decompresses data up to its end, an error or the bound.
fn inflate(compressed: &[u8], budget: &mut Budget) -> Inflated {
    let mut decoder = ZlibDecoder::new(compressed);
    let mut bytes = vec![];
    let max = u64::try_from(budget.0).unwrap_or(u64::MAX);
    // keeps what was read before an error
    let _ = decoder.by_ref().take(max).read_to_end(&mut bytes);
    budget.spend(bytes.len());
    Inflated { bytes, consumed: usize::try_from(decoder.total_in()).unwrap_or(usize::MAX) }
}
