//! Facts: random texts, drawn for each run, in shapes that ordinary text does not have.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use schemars::JsonSchema;
use serde::Deserialize;

/// The kind of a fact, which decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// A name, such as `Zorvane-4417`.
    Person,
    /// A code, such as `KQX-482913`.
    Code,
    /// A word, such as `velmar-321`.
    Word,
    /// A file name, such as `canary-doc-91ab02ff.txt`.
    File,
    /// A name in Cyrillic letters.
    Cyrillic,
    /// A name in Greek letters.
    Greek,
    /// A name in Chinese characters.
    Han,
    /// A name in Arabic letters, written from right to left.
    Arabic,
    /// A name in Devanagari, with combining vowel signs.
    Devanagari,
    /// A name in Hangul syllables.
    Hangul,
    /// A name in Latin letters with combining marks, in decomposed form.
    Combining,
    /// A name in emoji outside the Basic Multilingual Plane.
    Emoji,
}

const CYRILLIC: &str = "абвгдежзиклмнопрстуфхцчшэюя";
const GREEK: &str = "αβγδεζηθικλμνξοπρστυφχψω";
const HAN: &str = "林森木水火土金山石田川雨雪風花竹";
const ARABIC: &str = "ابتثجحخدرزسشصضطعغفقكلمنهوي";
const DEVANAGARI: &str = "कखगचजटडतदनपबमयरलवशसह";
const HANGUL: &str = "가나다라마바사아자차카타파하";
const EMOJI: &str = "🦊🐙🦉🐝🦋🐢🦀🐳🦔🐞";

impl FactKind {
    /// Returns the regular expression that matches facts of this kind, and nothing that people usually write.
    pub fn shape(self) -> &'static str {
        match self {
            Self::Person => "[A-Z][a-z]{4,8}-[0-9]{4}",
            Self::Code => "[A-Z]{3}-[0-9]{6}",
            Self::Word => "[a-z]{4,8}-[0-9]{3}",
            Self::File => "canary-doc-[0-9a-f]{8}\\.txt",
            Self::Cyrillic => "\\p{Cyrillic}{4}-[0-9]{4}",
            Self::Greek => "\\p{Greek}{4}-[0-9]{4}",
            Self::Han => "\\p{Han}{4}-[0-9]{4}",
            Self::Arabic => "\\p{Arabic}{4}-[0-9]{4}",
            Self::Devanagari => "[\\p{Devanagari}]{8}-[0-9]{4}",
            Self::Hangul => "\\p{Hangul}{4}-[0-9]{4}",
            Self::Combining => "(?:[a-z]\\x{301}){4}-[0-9]{4}",
            Self::Emoji => "[\\x{1F400}-\\x{1F9FF}]{4}-[0-9]{4}",
        }
    }

    fn draw(self, rng: &mut StdRng) -> String {
        match self {
            Self::Person => {
                let name = syllables(rng, 3);
                let (head, tail) = name.split_at(1);
                format!("{}{tail}-{:04}", head.to_uppercase(), rng.random_range(0..10_000))
            }
            Self::Code => {
                let letters: String = (0..3).map(|_| char::from(rng.random_range(b'A'..=b'Z'))).collect();
                format!("{letters}-{:06}", rng.random_range(0..1_000_000))
            }
            Self::Word => format!("{}-{:03}", syllables(rng, 3), rng.random_range(0..1000)),
            Self::File => format!("canary-doc-{:08x}.txt", rng.random_range(0..=u32::MAX)),
            Self::Cyrillic => letters(rng, CYRILLIC, ""),
            Self::Greek => letters(rng, GREEK, ""),
            Self::Han => letters(rng, HAN, ""),
            Self::Arabic => letters(rng, ARABIC, ""),
            Self::Devanagari => letters(rng, DEVANAGARI, "\u{93e}"),
            Self::Hangul => letters(rng, HANGUL, ""),
            Self::Combining => letters(rng, "abdefghiklmnoprstuvz", "\u{301}"),
            Self::Emoji => letters(rng, EMOJI, ""),
        }
    }
}

/// Returns four letters, each followed by the mark, and a number.
fn letters(rng: &mut StdRng, from: &str, mark: &str) -> String {
    let from: Vec<char> = from.chars().collect();
    let mut name = String::new();
    for _ in 0..4 {
        name.push(from[rng.random_range(0..from.len())]);
        name.push_str(mark);
    }
    format!("{name}-{:04}", rng.random_range(0..10_000))
}

/// Returns a pronounceable word that is in no dictionary: syllables of a consonant and a vowel, then a
/// consonant.
fn syllables(rng: &mut StdRng, count: usize) -> String {
    const CONSONANTS: &[u8] = b"bdfgklmnprstvz";
    const VOWELS: &[u8] = b"aeiou";
    let mut pick = |from: &[u8]| char::from(from[rng.random_range(0..from.len())]);
    let mut word = String::new();
    for _ in 0..count - 1 {
        word.push(pick(CONSONANTS));
        word.push(pick(VOWELS));
    }
    word.push(pick(CONSONANTS));
    word
}

/// The facts of one canary in one run, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    drawn: BTreeMap<String, (FactKind, String)>,
}

impl Facts {
    /// Draws facts from the seed of the run and the id of the canary. The same two always give the same
    /// facts.
    pub fn draw(seed: u64, canary: &str, kinds: &BTreeMap<String, FactKind>) -> Self {
        let salt = canary.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut rng = StdRng::seed_from_u64(seed ^ salt);
        let drawn = kinds.iter().map(|(name, kind)| (name.clone(), (*kind, kind.draw(&mut rng)))).collect();
        Self { drawn }
    }

    /// Takes over the facts with these names from another draw.
    pub(super) fn take_over<'a>(&mut self, other: &Self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            if let (Some(mine), Some(theirs)) = (self.drawn.get_mut(name), other.drawn.get(name)) {
                mine.clone_from(theirs);
            }
        }
    }

    /// Replaces each `{fact}` with the fact.
    pub fn fill(&self, template: &str) -> String {
        self.drawn
            .iter()
            .fold(template.to_owned(), |text, (name, (_, value))| text.replace(&format!("{{{name}}}"), value))
    }

    /// Replaces each `{fact}` with the fact, escaped for a regular expression.
    pub fn fill_pattern(&self, template: &str) -> String {
        self.drawn.iter().fold(template.to_owned(), |text, (name, (_, value))| {
            text.replace(&format!("{{{name}}}"), &regex::escape(value))
        })
    }

    /// Returns the facts that a text contains.
    pub fn in_text<'a>(&'a self, text: &str) -> impl Iterator<Item = &'a str> {
        self.drawn.values().map(|(_, value)| value.as_str()).filter(move |value| text.contains(value))
    }
}

/// Replaces each `{fact:shape}` with the regular expression of the fact's kind.
pub(super) fn fill_shapes(template: &str, kinds: &BTreeMap<String, FactKind>) -> String {
    kinds.iter().fold(template.to_owned(), |text, (name, kind)| {
        text.replace(&format!("{{{name}:shape}}"), kind.shape())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [FactKind; 12] = [
        FactKind::Person,
        FactKind::Code,
        FactKind::Word,
        FactKind::File,
        FactKind::Cyrillic,
        FactKind::Greek,
        FactKind::Han,
        FactKind::Arabic,
        FactKind::Devanagari,
        FactKind::Hangul,
        FactKind::Combining,
        FactKind::Emoji,
    ];

    proptest! {
        #[test]
        fn facts_match_their_shape(seed: u64) {
            for kind in ALL {
                let facts = Facts::draw(seed, "x", &BTreeMap::from([("f".to_owned(), kind)]));
                let value = facts.fill("{f}");
                let shape = regex::Regex::new(&format!("^{}$", kind.shape())).unwrap();
                prop_assert!(shape.is_match(&value), "{value}");
            }
        }

        #[test]
        fn facts_depend_on_seed_and_canary(seed: u64) {
            let kinds = BTreeMap::from([("f".to_owned(), FactKind::Code)]);
            prop_assert_eq!(Facts::draw(seed, "x", &kinds), Facts::draw(seed, "x", &kinds));
            prop_assert_ne!(Facts::draw(seed, "x", &kinds), Facts::draw(seed, "y", &kinds));
        }
    }
}
