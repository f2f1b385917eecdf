//! The words and the length of texts.

use std::collections::BTreeSet;

/// Words that say nothing about the subject of a sentence.
const STOP_WORDS: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "any", "are", "as", "asked", "at", "be", "but", "by", "can",
    "could", "did", "do", "does", "for", "from", "had", "has", "have", "hello", "hey", "hi", "how", "i",
    "if", "in", "is", "it", "its", "know", "me", "memorise", "memorize", "mine", "my", "no", "not", "note",
    "of", "on", "or", "our", "please", "recall", "remember", "s", "say", "so", "tell", "that", "the",
    "their", "them", "there", "this", "to", "told", "us", "was", "we", "were", "what", "when", "where",
    "which", "who", "whose", "why", "will", "with", "would", "yes", "you", "your",
];

/// Returns the words of a text that say what it is about, in lower case.
pub(crate) fn keywords(text: &str) -> BTreeSet<String> {
    words(text).filter(|word| !STOP_WORDS.contains(&word.as_str())).collect()
}

/// Returns at most the first `max` characters of a text.
pub(crate) fn clip(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// Returns all words of a text in lower case, in order.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Returns how many of these words are keywords of a text.
pub(crate) fn overlap(words: &BTreeSet<String>, text: &str) -> usize {
    keywords(text).intersection(words).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_and_answer_share_keywords() {
        let question = keywords("What's my name?");
        assert_eq!(question.into_iter().collect::<Vec<_>>(), ["name"]);
        assert_eq!(overlap(&keywords("What's my name?"), "Hi, my Name is Zorvane-4417."), 1);
        assert_eq!(overlap(&keywords("What's my name?"), "The sky is blue."), 0);
    }
}
