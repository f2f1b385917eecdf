use std::process;

use super::sample;
use crate::{escape, text::Command};

fn quoted(word: &str) -> String {
    Command { words: vec![word.to_owned()] }.shell()
}

#[test]
fn the_command_repeats_the_arguments_the_seed_and_the_canary() {
    let mut run = sample::started().run;
    run.arguments = ["--cmd", "python -m 'my agent' --port {port}"].map(String::from).to_vec();
    assert_eq!(
        Command::run_again(&run, Some("name-recall")).shell(),
        r"coalmine run --cmd 'python -m '\''my agent'\'' --port {port}' --seed 42 --canary name-recall"
    );
    run.arguments = vec!["--seed=42".into()];
    assert_eq!(Command::run_again(&run, None).shell(), "coalmine run --seed=42");
}

#[test]
fn a_shell_reads_back_what_was_quoted() {
    let words = [
        "",
        "plain",
        "two words",
        "it's",
        "$(rm -rf /)",
        "`id`",
        "a\nb",
        "\x1b[31m",
        "\u{202e}x",
        "##[group]",
        "##vso[x]\\'",
        "~",
        "=x",
        "a*b?",
        "-x",
        "ä",
        "!!",
    ];
    for word in words {
        let script = format!("printf %s {}", quoted(word));
        let output = process::Command::new("bash").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), word, "{script}");
    }
}

#[test]
fn a_quoted_word_can_be_shown() {
    for word in ["a\nb", "\x1b[31m", "\u{202e}x", "##[group]", "\u{9b}##vso[x]"] {
        let quoted = quoted(word);
        assert_eq!(escape(&quoted), quoted);
    }
}
