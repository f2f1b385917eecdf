//! One pass over a text that comes in pieces.

use std::{collections::VecDeque, ops::Range};

use super::{REDACTED, Redactor, escape::token, redactor::Progress};

/// A piece of a secret that is shorter shows nothing.
const MIN_PIECE: usize = 4;

/// A search through a text that comes in pieces. It holds back no more than what may become a secret.
#[derive(Clone)]
pub(super) struct Scan {
    redactor: Redactor,
    /// What was received and not released yet.
    held: Vec<u8>,
    /// The position of the first byte of `held` in the text.
    base: usize,
    /// The search in the text as it is.
    plain: Search,
    /// The search in the text without its escapes.
    decoded: Search,
    /// The position of the first byte that was not decoded yet.
    next: usize,
    /// The bytes that were decoded last, with the positions where their tokens begin.
    recent: VecDeque<(usize, u8)>,
}

#[derive(Clone)]
struct Search {
    progress: Progress,
    /// Where secrets are that were not released yet, in order.
    found: Vec<Range<usize>>,
    /// The position before which no secret can begin that has not ended.
    clear: usize,
}

impl Scan {
    pub(super) fn new(redactor: &Redactor) -> Self {
        let search = Search { progress: redactor.begin(), found: vec![], clear: 0 };
        Self {
            redactor: redactor.clone(),
            held: vec![],
            base: 0,
            plain: search.clone(),
            decoded: search,
            next: 0,
            recent: VecDeque::new(),
        }
    }

    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        let from = self.held.len();
        self.held.extend_from_slice(piece);
        self.search_plain(from);
        self.search_decoded(false);
    }

    /// Returns what is certain by now.
    pub(super) fn release(&mut self) -> Vec<u8> {
        self.take(self.plain.clear.min(self.decoded.clear))
    }

    /// Returns the rest of a text that has come to its end.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.search_decoded(true);
        let (end, held) = (self.end(), Self::new(&self.redactor));
        let rest = self.take(end);
        *self = held;
        rest
    }

    /// Returns the rest of a text that goes on, but is cut here. What may be a piece of a secret is redacted.
    pub(super) fn cut(&mut self) -> Vec<u8> {
        self.redact_open_end(|piece, _| piece >= MIN_PIECE);
        self.finish()
    }

    /// Returns a whole text that may have been cut before; `None` if it holds no secret.
    pub(super) fn finish_excerpt(&mut self) -> Option<Vec<u8>> {
        self.search_decoded(true);
        self.redact_open_end(|piece, form| piece >= MIN_PIECE && piece * 2 >= form);
        let is_clean = self.plain.found.is_empty() && self.decoded.found.is_empty();
        (!is_clean).then(|| self.finish())
    }

    fn end(&self) -> usize {
        self.base + self.held.len()
    }

    fn search_plain(&mut self, from: usize) {
        let Self { redactor, held, base, plain, .. } = self;
        let start = redactor.begin();
        let mut at = from;
        loop {
            if plain.progress == start {
                at += redactor.quiet(&held[at..]);
                plain.clear = *base + at;
            }
            let Some(byte) = held.get(at) else { break };
            plain.progress = redactor.next(plain.progress, *byte);
            let end = *base + at + 1;
            if plain.progress == start {
                plain.clear = end;
            } else if let Some(length) =
                redactor.found(plain.progress, |before| held.get((at + 1).checked_sub(before)?).copied())
            {
                note(&mut plain.found, end.saturating_sub(length)..end);
            }
            at += 1;
        }
    }

    fn search_decoded(&mut self, ended: bool) {
        let Self { redactor, held, base, decoded, next, recent, .. } = self;
        let start = redactor.begin();
        loop {
            if decoded.progress == start {
                *next += redactor.quiet(&held[*next - *base..]);
                decoded.clear = decoded.clear.max(*next);
                recent.clear();
            }
            let Some(token) = token(&held[*next - *base..], ended) else { break };
            let begin = *next;
            *next += token.length;
            for byte in token.bytes() {
                recent.push_back((begin, *byte));
                if recent.len() > redactor.longest() {
                    recent.pop_front();
                }
                decoded.progress = redactor.next(decoded.progress, *byte);
                if decoded.progress == start {
                    decoded.clear = begin;
                    continue;
                }
                let before = |before| Some(recent.get(recent.len().checked_sub(before)?)?.1);
                let length = redactor.found(decoded.progress, before);
                if let Some((from, _)) =
                    length.and_then(|length| recent.get(recent.len().checked_sub(length)?))
                {
                    note(&mut decoded.found, *from..*next);
                }
            }
            if decoded.progress == start {
                decoded.clear = *next;
            }
        }
    }

    fn redact_open_end(&mut self, is_enough: impl Fn(usize, usize) -> bool) {
        let open = &self.held[self.plain.clear.max(self.base) - self.base..];
        if let Some(at) = self.redactor.open_end(open, is_enough) {
            let end = self.end();
            let range = end - open.len() + at..end;
            note(&mut self.plain.found, range);
        }
    }

    /// Returns the text up to a position, or up to a secret that goes on there, without secrets.
    fn take(&mut self, upto: usize) -> Vec<u8> {
        let mut found = std::mem::take(&mut self.plain.found);
        found.append(&mut self.decoded.found);
        found.sort_by_key(|range| range.start);
        let mut all: Vec<Range<usize>> = vec![];
        for range in found {
            note(&mut all, range);
        }
        let goes_on = |range: &&Range<usize>| range.start < upto && upto < range.end;
        let upto = all.iter().find(goes_on).map_or(upto, |range| range.start);
        let (within, after): (Vec<_>, Vec<_>) = all.into_iter().partition(|range| range.end <= upto);
        self.plain.found = after;
        let local = within.into_iter().map(|range| range.start - self.base..range.end - self.base);
        let released = upto - self.base;
        let text = replace(&self.held[..released], local);
        self.held.drain(..released);
        self.base = upto;
        text
    }
}

/// Adds a range; those at the end that it overlaps become one with it.
pub(super) fn note(found: &mut Vec<Range<usize>>, mut range: Range<usize>) {
    while let Some(last) = found.last().filter(|last| last.end > range.start) {
        range = last.start.min(range.start)..last.end.max(range.end);
        found.pop();
    }
    found.push(range);
}

/// Returns a text in which ranges, in order, are replaced.
pub(super) fn replace(text: &[u8], ranges: impl Iterator<Item = Range<usize>>) -> Vec<u8> {
    let (mut clean, mut at) = (Vec::with_capacity(text.len()), 0);
    for range in ranges {
        clean.extend_from_slice(&text[at..range.start]);
        clean.extend_from_slice(REDACTED);
        at = range.end;
    }
    clean.extend_from_slice(&text[at..]);
    clean
}
