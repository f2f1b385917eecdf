//! Secrets that are split over several texts of a JSON document or of a stream of events.

use std::{borrow::Cow, ops::Range};

use memchr::memmem;

use super::{
    Redactor,
    escape::token,
    scan::{note, replace},
};

/// The key of a text in a message of A2A.
const KEY: &[u8] = b"\"text\"";

/// Redacts the parts of secrets that only show if the values of `text` are joined, as a client does.
pub(super) fn redact_split<'a>(redactor: &Redactor, content: &'a [u8]) -> Cow<'a, [u8]> {
    let letters = letters(content);
    let (mut progress, mut found) = (redactor.begin(), vec![]);
    for (at, letter) in letters.iter().enumerate() {
        progress = redactor.next(progress, letter.byte);
        let before = |before| Some(letters.get((at + 1).checked_sub(before)?)?.byte);
        if let Some(length) = redactor.found(progress, before) {
            note(&mut found, (at + 1).saturating_sub(length)..at + 1);
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(content);
    }
    let mut places: Vec<Range<usize>> = vec![];
    for letter in found.into_iter().flat_map(|range| &letters[range]) {
        match places.last_mut() {
            Some(last) if last.end >= letter.place.start => last.end = letter.place.end,
            _ => places.push(letter.place.clone()),
        }
    }
    Cow::Owned(replace(content, places.into_iter()))
}

/// A byte of a text, and where it is written.
struct Letter {
    byte: u8,
    place: Range<usize>,
}

/// Returns the bytes of all values of `text`, joined.
fn letters(content: &[u8]) -> Vec<Letter> {
    let (mut letters, mut at) = (vec![], 0);
    while let Some(found) = memmem::find(&content[at..], KEY) {
        at += found + KEY.len();
        let rest = content[at..].trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { continue };
        let Some(rest) = rest.strip_prefix(b"\"") else { continue };
        at = content.len() - rest.len();
        while let Some(token) = token(&content[at..], true)
            && content[at] != b'"'
        {
            let place = at..at + token.length;
            letters.extend(token.bytes().iter().map(|byte| Letter { byte: *byte, place: place.clone() }));
            at += token.length;
        }
    }
    letters
}
