//! Small talk: sentences around what a canary is about. They state nothing that a canary asks for, and nobody can know
//! them before the run.

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::facts::syllables;

/// The placeholder for a sentence.
pub(super) const PLACEHOLDER: &str = "{small-talk}";

/// What is said beside the facts, drawn for a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SmallTalk {
    /// `None` if nothing is said beside the facts.
    seed: Option<u64>,
}

impl SmallTalk {
    /// Returns the small talk of a seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self { seed: Some(seed) }
    }

    /// Replaces each placeholder with a sentence. The same message always gets the same ones, so that it stays the same
    /// when it is said again.
    pub(super) fn fill(&self, message: &str) -> String {
        if !message.contains(PLACEHOLDER) {
            return message.to_owned();
        }
        let Some(seed) = self.seed else {
            return message
                .replace(&format!("{PLACEHOLDER} "), "")
                .replace(PLACEHOLDER, "")
                .trim_end()
                .to_owned();
        };
        let salt = message.bytes().fold(seed, |sum, byte| sum.rotate_left(5) ^ u64::from(byte));
        let mut rng = StdRng::seed_from_u64(salt);
        let mut parts = message.split(PLACEHOLDER);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |filled, part| filled + &sentence(&mut rng) + part)
    }
}

/// Returns a sentence about a place that does not exist.
fn sentence(rng: &mut StdRng) -> String {
    const WHO: [&str; 12] = [
        "The bakery",
        "The old bridge",
        "A market",
        "The museum",
        "The night bus",
        "A circus",
        "The library",
        "The harbor",
        "A choir",
        "The swimming pool",
        "The orchestra",
        "A flower shop",
    ];
    const DOES: [&str; 10] = [
        "was closed",
        "looked lovely",
        "was rather crowded",
        "has been painted",
        "opened late",
        "was very quiet",
        "is being repaired",
        "smelled of rain",
        "was full of visitors",
        "had a good day",
    ];
    const WHEN: [&str; 8] = [
        "this morning",
        "yesterday",
        "last week",
        "on Sunday",
        "again today",
        "at noon",
        "in the evening",
        "over the holidays",
    ];
    let mut pick = |from: &[&'static str]| from[rng.random_range(0..from.len())];
    let (who, does, when) = (pick(&WHO), pick(&DOES), pick(&WHEN));
    let place = syllables(rng, 4);
    let (head, tail) = place.split_at(1);
    format!("{who} in {}{tail} {does} {when}.", head.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_message_gets_the_same_sentences() {
        let talk = SmallTalk::seeded(7);
        let message = "{small-talk} Which one? {small-talk}";
        let filled = talk.fill(message);
        assert_eq!(talk.fill(message), filled);
        assert_ne!(SmallTalk::seeded(8).fill(message), filled);
        let sentences: Vec<&str> = filled.split(" Which one? ").collect();
        assert_ne!(sentences[0], sentences[1]);
        assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{filled}");
    }

    #[test]
    fn nothing_is_left_of_it_without_a_seed() {
        let none = SmallTalk::default();
        assert_eq!(none.fill("{small-talk} Which one? {small-talk}"), "Which one?");
    }
}
