//! Text in which the facts that a turn is about are marked.

use crate::view::Shown;

/// The most facts that are marked.
const MAX_FACTS: usize = 24;
/// The shortest fact that is marked. Shorter ones are part of other words.
const MIN_FACT: usize = 3;

/// What is marked in the texts of a turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// What should be there.
    pub(super) wanted: Vec<String>,
    /// What should not be there.
    pub(super) unwanted: Vec<String>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kind: PieceKind,
    pub(super) text: Shown,
}

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    Plain,
    Wanted,
    Unwanted,
    /// Words of the report in place of text that is left out.
    Cut,
}

/// A text with marks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) pieces: Vec<Piece>,
}

impl Facts {
    /// Adds facts, each once.
    pub(super) fn add<'a>(list: &mut Vec<String>, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            let is_new = text.chars().count() >= MIN_FACT && !list.iter().any(|known| known == text);
            if is_new && list.len() < MAX_FACTS {
                list.push(text.to_owned());
            }
        }
    }

    /// Returns the places of the facts in a text: from, to, what. They do not overlap.
    fn places(&self, text: &str) -> Vec<(usize, usize, PieceKind)> {
        let mut places = Vec::new();
        for (facts, kind) in [(&self.unwanted, PieceKind::Unwanted), (&self.wanted, PieceKind::Wanted)] {
            for fact in facts {
                places.extend(text.match_indices(fact.as_str()).map(|(at, _)| (at, at + fact.len(), kind)));
            }
        }
        places.sort_by_key(|(from, to, _)| (*from, std::cmp::Reverse(*to)));
        let mut end = 0;
        places.retain(|(from, to, _)| {
            let is_free = *from >= end;
            if is_free {
                end = *to;
            }
            is_free
        });
        places
    }
}

impl Marked {
    /// Returns words of the report.
    pub(super) fn words(words: &str) -> Self {
        Self { pieces: vec![Piece { kind: PieceKind::Plain, text: Shown::whole(words) }] }
    }

    /// Returns the beginning of a text, at most `max` characters.
    pub(super) fn head(text: &str, max: usize, facts: &Facts) -> Self {
        let end = text.char_indices().nth(max).map_or(text.len(), |(end, _)| end);
        let mut marked = Self::of(&text[..end], facts);
        marked.note_cut(&text[end..], "more");
        marked
    }

    /// Returns the end of a text, at most `max` characters.
    pub(super) fn tail(text: &str, max: usize, facts: &Facts) -> Self {
        let from = match max.checked_sub(1).and_then(|last| text.char_indices().rev().nth(last)) {
            Some((from, _)) => from,
            None if max == 0 => text.len(),
            None => 0,
        };
        let mut marked = Self::default();
        marked.note_cut(&text[..from], "before this");
        marked.pieces.extend(Self::of(&text[from..], facts).pieces);
        marked
    }

    fn note_cut(&mut self, left_out: &str, place: &str) {
        let count = left_out.chars().count();
        if count > 0 {
            let words = format!("[{} characters {place}]", grouped(count));
            self.pieces.push(Piece { kind: PieceKind::Cut, text: Shown::whole(words) });
        }
    }

    fn of(text: &str, facts: &Facts) -> Self {
        let mut pieces = Vec::new();
        let mut push = |kind, text: &str| {
            if !text.is_empty() {
                pieces.push(Piece { kind, text: Shown::whole(text) });
            }
        };
        let mut at = 0;
        for (from, to, kind) in facts.places(text) {
            push(PieceKind::Plain, &text[at..from]);
            push(kind, &text[from..to]);
            at = to;
        }
        push(PieceKind::Plain, &text[at..]);
        Self { pieces }
    }

    /// Returns about how many bytes of the page it takes.
    pub(super) fn cost(&self) -> usize {
        let escaped = |text: &str| 4 * text.bytes().filter(|byte| b"<>&\"'".contains(byte)).count();
        self.pieces.iter().map(|piece| 30 + piece.text.as_str().len() + escaped(piece.text.as_str())).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// Returns a number with its thousands apart: `12,345`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(wanted: &[&str], unwanted: &[&str]) -> Facts {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Facts { wanted: owned(wanted), unwanted: owned(unwanted) }
    }

    fn show(marked: &Marked) -> String {
        let open = |kind| match kind {
            PieceKind::Plain => "",
            PieceKind::Wanted => "+",
            PieceKind::Unwanted => "-",
            PieceKind::Cut => "~",
        };
        marked.pieces.iter().map(|piece| format!("{}{}|", open(piece.kind), piece.text)).collect()
    }

    #[test]
    fn facts_are_marked_where_they_stand() {
        let facts = facts(&["Nigel", "Nigel-7988"], &["Relug"]);
        assert_eq!(
            show(&Marked::head("I am Nigel-7988, not Relug.", 99, &facts)),
            "I am |+Nigel-7988|, not |-Relug|.|"
        );
        assert_eq!(show(&Marked::head("NigelNigel", 99, &facts)), "+Nigel|+Nigel|");
    }

    #[test]
    fn cuts_say_how_much_is_left_out() {
        let none = Facts::default();
        assert_eq!(show(&Marked::tail("éabc", 2, &none)), "~[2 characters before this]|bc|");
        assert_eq!(show(&Marked::head("éabc", 2, &none)), "éa|~[2 characters more]|");
        assert_eq!(show(&Marked::tail("abc", 3, &none)), "abc|");
        assert_eq!(show(&Marked::tail("abc", 0, &none)), "~[3 characters before this]|");
        assert_eq!((grouped(999), grouped(1_234_567)), ("999".into(), "1,234,567".into()));
    }

    #[test]
    fn short_facts_are_not_marked() {
        let mut list = vec![];
        Facts::add(&mut list, ["", "ab", "abc", "abc"]);
        assert_eq!(list, ["abc"]);
    }
}
