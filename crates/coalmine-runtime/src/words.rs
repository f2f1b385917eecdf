//! The words that carry a sentence, for finding one text by another.

use std::collections::BTreeSet;

/// Words that say nothing about what a sentence is about.
const STOP_WORDS: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "any", "are", "as", "asked", "at", "be", "but", "by", "can",
    "could", "did", "do", "does", "for", "from", "had", "has", "have", "hello", "hey", "hi", "how", "i",
    "if", "in", "is", "it", "its", "know", "me", "memorise", "memorize", "mine", "my", "no", "not", "note",
    "of", "on", "or", "our", "please", "recall", "remember", "s", "say", "so", "tell", "that", "the",
    "their", "them", "there", "this", "to", "told", "us", "was", "we", "were", "what", "when", "where",
    "which", "who", "whose", "why", "will", "with", "would", "yes", "you", "your",
];

/// The words of a text in lower case, without those that carry nothing.
pub(crate) fn keywords(text: &str) -> BTreeSet<String> {
    words(text).filter(|word| !STOP_WORDS.contains(&word.as_str())).collect()
}

/// All words of a text in lower case, in order.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// How many of these words a text has.
pub(crate) fn overlap(words: &BTreeSet<String>, text: &str) -> usize {
    keywords(text).intersection(words).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_and_its_answer_share_what_they_are_about() {
        let question = keywords("What's my name?");
        assert_eq!(question.into_iter().collect::<Vec<_>>(), ["name"]);
        assert_eq!(overlap(&keywords("What's my name?"), "Hi, my Name is Zorvane-4417."), 1);
        assert_eq!(overlap(&keywords("What's my name?"), "The sky is blue."), 0);
    }
}
