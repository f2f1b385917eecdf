//! What the fields of a requested structure mean, by their names.

/// The type of a field, as far as it matters for its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldType {
    Flag,
    Number,
    /// One of listed values.
    Choice,
    Text,
    /// A list or an object.
    Nested,
}

/// The meaning of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldMeaning {
    /// The answer to the user.
    Answer,
    /// A text that may be the answer to the user.
    Text,
    /// A verdict, with the value that lets the turn go on.
    Verdict(bool),
    /// A verdict in words.
    Decision,
    /// A choice of who or what handles the turn.
    Route,
    Class,
    Title,
    Summary,
    Facts,
    Questions,
    Rewrite,
    /// A number that is high if all is well.
    Confidence,
    /// An explanation of another field.
    Reason,
    Unknown,
}

const NEGATIVE: [&str; 38] = [
    "flagged",
    "flag",
    "violation",
    "violations",
    "violates",
    "violated",
    "blocked",
    "block",
    "unsafe",
    "harmful",
    "toxic",
    "malicious",
    "injection",
    "jailbreak",
    "attack",
    "spam",
    "offtopic",
    "inappropriate",
    "refuse",
    "refused",
    "reject",
    "rejected",
    "denied",
    "deny",
    "escalate",
    "abuse",
    "abusive",
    "tripwire",
    "triggered",
    "pii",
    "hate",
    "violence",
    "sexual",
    "harassment",
    "illegal",
    "hallucination",
    "invalid",
    "irrelevant",
];
const POSITIVE: [&str; 28] = [
    "allowed",
    "allow",
    "safe",
    "approved",
    "approve",
    "ok",
    "okay",
    "pass",
    "passed",
    "passes",
    "valid",
    "appropriate",
    "relevant",
    "relevance",
    "accept",
    "accepted",
    "acceptable",
    "permitted",
    "compliant",
    "benign",
    "clean",
    "proceed",
    "continue",
    "grounded",
    "supported",
    "topic",
    "scope",
    "authorized",
];
/// Words that turn a name into its opposite.
const NEGATIONS: [&str; 5] = ["not", "non", "no", "off", "out"];

impl FieldMeaning {
    /// Returns the meaning of a field.
    pub(super) fn of(name: &str, kind: FieldType) -> Self {
        let words = words(name);
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        let last = words.last().map(String::as_str).unwrap_or_default();
        match kind {
            FieldType::Flag if has(&NEGATIVE) => Self::Verdict(has(&NEGATIONS)),
            FieldType::Flag if has(&POSITIVE) => Self::Verdict(!has(&NEGATIONS)),
            FieldType::Flag if has(&["should", "can", "may"]) && has(&["answer", "respond", "reply"]) => {
                Self::Verdict(!has(&NEGATIONS))
            }
            FieldType::Number if has(&["confidence", "certainty", "relevance"]) => Self::Confidence,
            FieldType::Flag | FieldType::Number => Self::Unknown,
            _ if ["answer", "reply", "response"].contains(&last) => Self::Answer,
            _ if has(&[
                "reason",
                "reasons",
                "reasoning",
                "explanation",
                "rationale",
                "justification",
                "why",
            ]) || has(&["thought", "thoughts", "analysis", "evidence", "comment", "feedback"]) =>
            {
                Self::Reason
            }
            _ if has(&["title", "headline", "subject"]) => Self::Title,
            _ if has(&["chat", "conversation", "thread", "session"]) && last == "name" => Self::Title,
            _ if has(&["summary", "recap"]) => Self::Summary,
            _ if has(&["facts", "memories", "memory", "preferences"]) => Self::Facts,
            _ if has(&["questions", "suggestions", "suggestion", "followups", "ups"]) => Self::Questions,
            _ if has(&["route", "router", "next", "destination", "datasource", "handoff", "worker"])
                || last == "agent" =>
            {
                Self::Route
            }
            _ if has(&[
                "topic",
                "topics",
                "category",
                "categories",
                "label",
                "labels",
                "class",
                "classification",
            ]) || has(&[
                "intent",
                "intents",
                "tag",
                "tags",
                "keywords",
                "sentiment",
                "language",
                "emoji",
            ]) =>
            {
                Self::Class
            }
            _ if has(&["verdict", "decision", "judgment", "judgement", "moderation", "safety", "grade"])
                || has(&["action", "score"]) && kind != FieldType::Nested
                || has(&NEGATIVE)
                || has(&POSITIVE) =>
            {
                Self::Decision
            }
            FieldType::Text if ["query", "question"].contains(&last) => Self::Rewrite,
            _ if has(&["text", "message", "content", "output", "result", "value"]) => Self::Text,
            _ => Self::Unknown,
        }
    }
}

/// Returns the words of a name in lower case: `isSafe`, `is_safe` and `is-safe` are two words.
pub(in crate::model) fn words(name: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word = String::new();
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names_into_words() {
        assert_eq!(words("isSafe"), ["is", "safe"]);
        assert_eq!(words("off_topic-x"), ["off", "topic", "x"]);
        assert_eq!(words("PII"), ["pii"]);
    }

    #[test]
    fn flags_have_their_benign_value() {
        for name in ["allowed", "isSafe", "is_safe", "approved", "on_topic", "should_answer", "not_flagged"] {
            assert_eq!(FieldMeaning::of(name, FieldType::Flag), FieldMeaning::Verdict(true), "{name}");
        }
        for name in ["flagged", "violation", "block", "is_unsafe", "off_topic", "not_allowed", "isJailbreak"]
        {
            assert_eq!(FieldMeaning::of(name, FieldType::Flag), FieldMeaning::Verdict(false), "{name}");
        }
        assert_eq!(FieldMeaning::of("sure", FieldType::Flag), FieldMeaning::Unknown);
    }
}
