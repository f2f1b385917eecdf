//! Commands that a reader can paste into a shell.

use coalmine::event::{RunInfo, is_hidden};

/// A command, word by word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// The words as the program receives them, not quoted.
    pub(crate) words: Vec<String>,
}

impl Command {
    /// Returns the command that runs `canary`, or the whole run, again with the same facts.
    pub(crate) fn run_again(run: &RunInfo, canary: Option<&str>) -> Self {
        let mut words = vec!["coalmine".to_owned(), "run".to_owned()];
        words.extend(arguments(run, canary.is_some()));
        if !run.arguments.iter().any(|argument| argument == "--seed" || argument.starts_with("--seed=")) {
            words.extend(["--seed".to_owned(), run.seed.to_string()]);
        }
        let canaries = canary.map_or_else(|| run.asked.join(","), str::to_owned);
        if !canaries.is_empty() {
            words.extend(["--canary".to_owned(), canaries]);
        }
        Self { words }
    }

    /// Returns the command quoted for a shell. The result can be shown as well as run.
    pub(crate) fn shell(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|word| shell_quote(word)).collect();
        words.join(" ")
    }
}

/// Returns the arguments of a run. A canary alone may be in another part than the one that it was in.
fn arguments(run: &RunInfo, alone: bool) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut words = run.arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--shard" if alone => drop(words.next()),
            word if alone && word.starts_with("--shard=") => {}
            _ => arguments.push(word.clone()),
        }
    }
    arguments
}

/// Returns a command quoted for a shell, so that it can be shown as well as run.
pub fn command_line(words: &[String]) -> String {
    Command { words: words.to_vec() }.shell()
}

/// Quotes one word for a shell if it needs that. A word with characters that a terminal or a CI log would act
/// upon is written as `$'…'` (bash, zsh, ksh), so that it can be shown.
pub(crate) fn shell_quote(word: &str) -> String {
    if word.contains("##") || word.chars().any(is_hidden) {
        return ansi_c_quote(word);
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_@%+=:,./-".contains(letter);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn ansi_c_quote(word: &str) -> String {
    let mut quoted = String::from("$'");
    for character in word.chars() {
        match character {
            '\\' | '\'' => quoted.extend(['\\', character]),
            '#' => quoted.push_str("\\x23"),
            _ if is_hidden(character) => {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    quoted.push_str(&format!("\\x{byte:02x}"));
                }
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('\'');
    quoted
}
