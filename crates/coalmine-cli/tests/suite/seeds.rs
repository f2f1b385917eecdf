//! Facts are drawn from the seed, and a correct runtime passes with any of them.

use std::collections::BTreeSet;

use crate::support::{CLASSICAL, Sandbox};

/// Returns all messages and file names of a run.
async fn messages(arguments: &[&str]) -> Vec<String> {
    let sandbox = Sandbox::new();
    sandbox.run(arguments).await.code(0);
    let summary = sandbox.summary();
    let turns = summary["canaries"].as_array().unwrap().iter().flat_map(|c| c["turns"].as_array().unwrap());
    let messages: Vec<_> = turns.map(|turn| format!("{} {}", turn["say"], turn["files"])).collect();
    assert!(messages.len() >= 9, "{messages:?}");
    messages
}

#[tokio::test]
async fn twenty_seeds_pass_with_different_facts() {
    let mut introductions = BTreeSet::new();
    for seed in 0..20_u64 {
        // small seeds, large seeds, and some in between
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (seed % 4 * 16);
        let messages = messages(&["--seed", &seed.to_string()]).await;
        introductions.insert(messages[0].clone());
    }
    assert_eq!(introductions.len(), 20, "{introductions:?}");
}

#[tokio::test]
async fn same_seed_repeats_every_message() {
    let first = messages(&["--seed", "7"]).await;
    assert_eq!(first, messages(&["--seed", "7"]).await);
    let other = messages(&["--seed", "8"]).await;
    let kept: Vec<_> = first.iter().zip(&other).filter(|(first, other)| first == other).collect();
    // questions contain no fact, so they do not depend on the seed
    assert!(kept.iter().all(|(message, _)| message.contains("What") && message.ends_with("[]")), "{kept:?}");
    assert!(kept.len() < first.len(), "{first:?}");
}

#[tokio::test]
async fn run_without_a_seed_reports_the_drawn_one() {
    let sandbox = Sandbox::new();
    sandbox.run(&[]).await.code(0);
    let seed = sandbox.summary()["run"]["seed"].as_u64().unwrap();
    sandbox
        .coalmine(&["run", "--out", "again", "--canary", CLASSICAL, "--seed", &seed.to_string()])
        .await
        .code(0);
    let turns = |out: &str| sandbox.summary_in(out)["canaries"][1]["turns"][0]["say"].clone();
    assert!(turns("out").as_str().unwrap().contains("sister"));
    assert_eq!(turns("out"), turns("again"));
}

#[tokio::test]
async fn both_dialects_are_spoken_and_reported() {
    for dialect in ["0.3", "1.0"] {
        let sandbox = Sandbox::new();
        sandbox.run(&["--dialect", dialect]).await.code(0);
        let summary = sandbox.summary();
        assert_eq!(summary["target"]["dialect"], dialect);
        assert_eq!(summary["findings"].as_array().unwrap().len(), 0, "{}", summary["findings"]);
        let sent = std::fs::read_to_string(sandbox.path("out/wire/name-recall-turn-1.request.json")).unwrap();
        let method = if dialect == "0.3" { "\"message/send\"" } else { "\"SendMessage\"" };
        assert!(sent.contains(method), "{sent}");
    }
}

#[tokio::test]
async fn canary_mode_passes_in_both_dialects() {
    for dialect in ["0.3", "1.0"] {
        let sandbox = Sandbox::new();
        sandbox.run(&["--model", "canary-mode", "--dialect", dialect]).await.code(0);
        let summary = sandbox.summary();
        assert_eq!(summary["run"]["model"], "canary-mode");
        let turns =
            summary["canaries"].as_array().unwrap().iter().flat_map(|c| c["turns"].as_array().unwrap());
        let calls: u64 = turns.map(|turn| turn["model_calls"].as_u64().unwrap()).sum();
        assert_eq!(calls, 0);
    }
}
