//! Facts and wordings: what is drawn for each run. Facts have shapes that ordinary text does not have.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Texts, small_talk::SmallTalk};
use crate::event::ModelMode;

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
pub(super) fn syllables(rng: &mut StdRng, count: usize) -> String {
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

/// The facts of one canary in one run, by name, and how it words what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    drawn: BTreeMap<String, (FactKind, String)>,
    wordings: BTreeMap<String, String>,
    small_talk: SmallTalk,
}

impl Facts {
    /// Draws facts from the seed of the run and the id of the canary. The same two always give the same
    /// facts. Nothing is worded yet.
    pub fn draw(seed: u64, canary: &str, kinds: &BTreeMap<String, FactKind>) -> Self {
        let mut rng = rng(seed, canary);
        let drawn = kinds.iter().map(|(name, kind)| (name.clone(), (*kind, kind.draw(&mut rng)))).collect();
        Self { drawn, ..Self::default() }
    }

    /// Draws a wording from each list, and what is said beside the facts. A runtime with a canned model knows
    /// only the first wordings.
    pub(super) fn worded(
        mut self,
        seed: u64,
        canary: &str,
        wordings: &BTreeMap<String, Texts>,
        model: ModelMode,
    ) -> Self {
        let mut rng = rng(seed, &format!("{canary}/wordings"));
        let canned = model == ModelMode::CanaryMode;
        let draw = |texts: &Texts| {
            let drawn = rng.random_range(0..texts.len().max(1));
            texts.get(if canned { 0 } else { drawn }).cloned().unwrap_or_default()
        };
        self.wordings = wordings.keys().cloned().zip(wordings.values().map(draw)).collect();
        self.small_talk = if canned { SmallTalk::default() } else { SmallTalk::seeded(rng.random()) };
        self
    }

    /// Takes the text with this number of each wording, counted around, so that as many numbers as the longest list has
    /// texts meet all of them.
    pub(super) fn worded_nth(mut self, n: usize, wordings: &BTreeMap<String, Texts>) -> Self {
        let nth = |texts: &Texts| texts.get(n % texts.len().max(1)).cloned().unwrap_or_default();
        self.wordings = wordings.iter().map(|(name, texts)| (name.clone(), nth(texts))).collect();
        self.small_talk = SmallTalk::seeded(n as u64);
        self
    }

    /// Takes over the facts with these names from another draw.
    pub(super) fn take_over<'a>(&mut self, other: &Self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            if let (Some(mine), Some(theirs)) = (self.drawn.get_mut(name), other.drawn.get(name)) {
                mine.clone_from(theirs);
            }
        }
    }

    /// Replaces each `{fact}` with the fact, and each `{wording}` with the wording.
    pub fn fill(&self, template: &str) -> String {
        self.fill_with(template, str::to_owned)
    }

    /// Replaces each `{fact}` and each `{wording}`, escaped for a regular expression.
    pub fn fill_pattern(&self, template: &str) -> String {
        self.fill_with(template, regex::escape)
    }

    /// Fills in what the user says, with each `{small-talk}` replaced by a sentence.
    pub(super) fn fill_message(&self, template: &str) -> String {
        self.fill(&self.small_talk.fill(template))
    }

    fn fill_with(&self, template: &str, write: impl Fn(&str) -> String) -> String {
        let facts = self.drawn.iter().map(|(name, (_, value))| (name, value));
        self.wordings.iter().chain(facts).fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &write(value))
        })
    }

    /// Returns the facts that a text contains.
    pub fn in_text<'a>(&'a self, text: &str) -> impl Iterator<Item = &'a str> {
        self.drawn.values().map(|(_, value)| value.as_str()).filter(move |value| text.contains(value))
    }
}

/// Returns the random numbers of a canary in a run.
fn rng(seed: u64, canary: &str) -> StdRng {
    let salt = canary.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    StdRng::seed_from_u64(seed ^ salt)
}

/// Replaces each `{fact:shape}` with the regular expression of the fact's kind, and each `{wording}` with one that
/// matches all its texts.
pub(super) fn fill_shapes(
    template: &str,
    kinds: &BTreeMap<String, FactKind>,
    wordings: &BTreeMap<String, Texts>,
) -> String {
    let shaped = kinds.iter().fold(template.to_owned(), |text, (name, kind)| {
        text.replace(&format!("{{{name}:shape}}"), kind.shape())
    });
    wordings.iter().fold(shaped, |text, (name, texts)| {
        let any = texts.iter().map(|text| regex::escape(text)).collect::<Vec<_>>().join("|");
        text.replace(&format!("{{{name}}}"), &format!("(?:{any})"))
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

        #[test]
        fn patterns_match_every_wording(seed: u64) {
            let wordings = BTreeMap::from([("is".to_owned(), Texts::from(["is called (here)", "goes by"]))]);
            let facts = Facts::default().worded(seed, "x", &wordings, ModelMode::Simulated);
            let pattern = fill_shapes("^it {is} x$", &BTreeMap::new(), &wordings);
            let filled = facts.fill("it {is} x");
            prop_assert!(regex::Regex::new(&pattern).unwrap().is_match(&filled), "{filled}");
            let canned = Facts::default().worded(seed, "x", &wordings, ModelMode::CanaryMode);
            prop_assert_eq!(canned.fill_message("{small-talk} It {is}."), "It is called (here).");
        }
    }
}
