//! Vectors of texts: hashes of words and of their trigrams, so that texts with common words are close.

use std::collections::BTreeMap;

/// Weights of a word, of a word that says little, and of three letters of a word.
const WORD: f64 = 1.0;
const COMMON_WORD: f64 = 0.15;
const TRIGRAM: f64 = 0.25;

/// Words that say little about what a text is about.
const COMMON: [&str; 48] = [
    "a", "an", "the", "is", "are", "was", "were", "be", "been", "am", "do", "does", "did", "have", "has",
    "had", "i", "you", "he", "she", "it", "we", "they", "my", "your", "his", "her", "its", "our", "their",
    "what", "which", "who", "when", "where", "how", "why", "of", "in", "on", "at", "to", "for", "with",
    "and", "or", "not", "that",
];

/// Returns the normalized vector of a text. Equal texts have equal vectors, whenever and wherever.
pub(super) fn embed(text: &str, dimensions: usize) -> Vec<f32> {
    let mut weights: BTreeMap<String, f64> = BTreeMap::new();
    for word in words(text) {
        let weight = if COMMON.contains(&word.as_str()) { COMMON_WORD } else { WORD };
        *weights.entry(format!("w:{word}")).or_default() += weight;
        let padded: Vec<char> = format!("^{word}$").chars().collect();
        for letters in padded.windows(3) {
            let letters: String = letters.iter().collect();
            *weights.entry(format!("t:{letters}")).or_default() += TRIGRAM * weight;
        }
    }
    let mut vector = vec![0.0_f64; dimensions];
    for (feature, weight) in weights {
        let hash = hash(&feature);
        // the sign lets features that share a place cancel out rather than add up
        let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
        let place = usize::try_from((hash << 1 >> 1).checked_rem(dimensions as u64).unwrap_or_default())
            .unwrap_or_default();
        if let Some(value) = vector.get_mut(place) {
            *value += sign * weight.sqrt();
        }
    }
    normalize(&mut vector);
    #[expect(clippy::cast_possible_truncation, reason = "vectors are sent in single precision")]
    vector.into_iter().map(|value| value as f32).collect()
}

fn normalize(vector: &mut [f64]) {
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    } else if let Some(first) = vector.first_mut() {
        *first = 1.0;
    }
}

/// Returns the words of a text in lower case, without the plural's ending.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| {
        let word = word.to_lowercase();
        match word.strip_suffix('s') {
            Some(stem) if stem.chars().count() > 3 && !stem.ends_with('s') => stem.to_owned(),
            _ => word,
        }
    })
}

/// Returns the FNV-1a hash of a text, mixed once more: its lowest bits alone spread badly.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn similarity(a: &str, b: &str, dimensions: usize) -> f32 {
        embed(a, dimensions).iter().zip(embed(b, dimensions)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn paraphrases_come_before_other_texts() {
        let question = "Which password does the archive have?";
        let (fact, others) = (
            "The password of the archive is brimle-42.",
            ["The lamp in the hall is red.", "Our office opens at nine.", "Roses need water and sun."],
        );
        for dimensions in [256, 768, 1536] {
            let found = similarity(question, fact, dimensions);
            for other in others {
                assert!(found > similarity(question, other, dimensions) + 0.1, "{other} at {dimensions}");
            }
        }
    }

    proptest! {
        #[test]
        fn vectors_are_normalized_and_stable(text in "\\PC{0,60}", dimensions in 1_usize..2_000) {
            let vector = embed(&text, dimensions);
            let length = vector.iter().map(|value| value * value).sum::<f32>();
            prop_assert_eq!(vector.len(), dimensions);
            prop_assert!((length - 1.0).abs() < 1e-3, "{}", length);
            prop_assert_eq!(vector, embed(&text, dimensions));
        }

        #[test]
        fn texts_find_themselves_first(texts in prop::collection::hash_set("[a-z]{3,8}( [a-z]{3,8}){2,6}", 2..8)) {
            let texts: Vec<_> = texts.into_iter().collect();
            for text in &texts {
                let own = similarity(text, text, 768);
                for other in texts.iter().filter(|other| *other != text) {
                    prop_assert!(own >= similarity(text, other, 768) - 1e-6);
                }
            }
        }

        #[test]
        fn common_words_find_their_text(words in prop::collection::hash_set("[b-df-hj-np-tv-z]{7}", 12)) {
            let words: Vec<_> = words.into_iter().collect();
            let (text, other) = (words[..6].join(" "), words[6..].join(" "));
            let asked = format!("{} and {} please", words[1], words[4]);
            prop_assert!(similarity(&asked, &text, 1536) > similarity(&asked, &other, 1536));
        }
    }
}
