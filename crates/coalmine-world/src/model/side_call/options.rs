//! Options that a prompt lists in words: `allow or block`, `"safe" / "unsafe"`, `billing, technical, general`.

use std::sync::LazyLock;

use regex::Regex;

use super::verdict::{BENIGN, DEFAULT, find};
use crate::{Prompt, Role};

/// Values that stop a turn.
const HARMFUL: [&str; 20] = [
    "block",
    "blocked",
    "unsafe",
    "deny",
    "denied",
    "reject",
    "rejected",
    "refuse",
    "harmful",
    "flagged",
    "flag",
    "violation",
    "toxic",
    "spam",
    "off_topic",
    "malicious",
    "inappropriate",
    "irrelevant",
    "invalid",
    "fail",
];

/// A list of at least two words with separators.
static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let item = r#"["'`*<\[]*[A-Za-z][A-Za-z_-]*["'`*>\]]*"#;
    Regex::new(&format!(r"{item}(?:(?: *[,/|;] *(?:or +|and +)?| +or +){item})+")).ok()
});

/// Words that question whether something is wrong, so that `no` is the benign answer.
const SUSPICIONS: [&str; 14] = [
    "violat",
    "harmful",
    "inappropriate",
    "unsafe",
    "malicious",
    "injection",
    "jailbreak",
    "toxic",
    "off-topic",
    "off topic",
    "offensive",
    "abus",
    "spam",
    "block",
];

/// Returns the benign option among those that the prompt lists.
pub(super) fn choose(prompt: &Prompt) -> Option<String> {
    let system = prompt.messages.iter().filter(|message| message.role == Role::System);
    let user = prompt.messages.iter().rev().filter(|message| message.role == Role::User).take(1);
    system.chain(user).find_map(|message| choose_in(&message.text))
}

/// Returns whether a text lists options of a decision.
pub(super) fn are_listed(text: &str) -> bool {
    choose_in(text).is_some()
}

/// Returns whether the options of a text allow or stop something.
pub(super) fn is_verdict(text: &str) -> bool {
    lists(text).any(|options| find(&options, &HARMFUL).is_some() || is_yes_or_no(&options))
}

fn choose_in(text: &str) -> Option<String> {
    let mut of_classes = None;
    for options in lists(text) {
        if is_yes_or_no(&options) {
            let lower = text.to_lowercase();
            let benign = if SUSPICIONS.iter().any(|word| lower.contains(word)) { "no" } else { "yes" };
            return find(&options, &[benign]).map(str::to_owned);
        }
        if find(&options, &HARMFUL).is_some()
            && let Some(benign) = find(&options, &BENIGN)
        {
            return Some(benign.to_owned());
        }
        // a list of classes says how its members are written, or has a known default
        let default = find(&options, &DEFAULT);
        let written =
            || options.len() > 2 && options.iter().all(|option| option.chars().all(|c| !c.is_lowercase()));
        if of_classes.is_none() && (default.is_some() || written()) {
            of_classes = default.or_else(|| options.first().copied()).map(str::to_owned);
        }
    }
    of_classes
}

fn is_yes_or_no(options: &[&str]) -> bool {
    find(options, &["yes"]).is_some() && find(options, &["no"]).is_some()
}

fn lists(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lists = LIST.as_ref().into_iter().flat_map(move |pattern| pattern.find_iter(text));
    lists.map(|list| {
        let is_edge = |c: char| !c.is_alphanumeric() && c != '_';
        let items = list.as_str().split(|c: char| matches!(c, ',' | '/' | '|' | ';') || c.is_whitespace());
        items
            .map(|item| item.trim_matches(is_edge))
            .filter(|item| !matches!(*item, "" | "or" | "and"))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_the_benign_option() {
        for (text, chosen) in [
            ("Answer with ALLOW or BLOCK only.", "ALLOW"),
            ("Reply 'safe' or 'unsafe'.", "safe"),
            ("Does the message violate the policy? Answer only yes or no.", "no"),
            ("Is the message about gardening? Answer Yes or No.", "Yes"),
            ("Classify as one of: billing, technical, general", "general"),
            ("Output BILLING | SALES | TECH.", "BILLING"),
        ] {
            assert_eq!(choose_in(text).as_deref(), Some(chosen), "{text}");
        }
        assert_eq!(choose_in("Be kind, patient and brief."), None);
    }
}
