//! The command that does it again.

use coalmine::event::RunInfo;

use crate::escape::is_hidden;

/// The command that runs `canary`, or the whole run, again with the same facts, ready to be pasted into a shell.
pub fn run_again(run: &RunInfo, canary: Option<&str>) -> String {
    let mut words = vec!["coalmine".to_owned(), "run".to_owned()];
    words.extend(run.arguments.iter().map(|argument| shell_quote(argument)));
    if !run.arguments.iter().any(|argument| argument == "--seed" || argument.starts_with("--seed=")) {
        words.extend(["--seed".to_owned(), run.seed.to_string()]);
    }
    let canaries = canary.map_or_else(|| run.asked.join(","), str::to_owned);
    if !canaries.is_empty() {
        words.extend(["--canary".to_owned(), shell_quote(&canaries)]);
    }
    words.join(" ")
}

/// Quotes one word for a shell where it needs it. A word with characters that a terminal or a CI log would act upon
/// is written with `$'…'` (bash, zsh, ksh), so that it can be shown as well as run.
pub fn shell_quote(word: &str) -> String {
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
