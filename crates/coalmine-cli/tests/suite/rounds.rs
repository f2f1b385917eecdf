//! Runs with `--repeat`.

use std::collections::BTreeSet;

use crate::support::{Sandbox, assert_shown, read_json};

/// A canary that fails if the code that was drawn ends in 0: by chance, and with a seed always in the same
/// rounds.
const CHANCY: &str = r#"
id    = "chancy"
title = "A code does not end in a nought"
level = "continuity"

[facts]
code = "code"

[[turn]]
context = "a"
say     = "Repeat after me: {code}."
expect.reply.matches = "[1-9]$"

[[model]]
when  = "repeat after me"
read  = "(?<code>{code:shape})"
reply = "{code}"
"#;

async fn chancy(arguments: &[&str]) -> (Sandbox, crate::support::Output) {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("chancy.toml"), CHANCY).unwrap();
    let common = ["--canaries", "chancy.toml", "--canary", "chancy", "--seed", "13", "--repeat", "20"];
    let done = sandbox.run(&[&common[..], arguments].concat()).await;
    (sandbox, done)
}

#[tokio::test]
async fn too_few_passed_rounds_fail_the_canary() {
    let (sandbox, done) = chancy(&[]).await;
    done.code(1);
    let canary = sandbox.summary()["canaries"][0].clone();
    let rounds = &canary["rounds"];
    let (passed, shown) = (rounds["passed"].as_u64().unwrap(), rounds["shown"].as_u64().unwrap());
    assert_eq!((passed, shown), (18, 15), "{rounds}");
    assert_eq!((&rounds["judged"], &rounds["asked"]), (&20.into(), &20.into()));
    let reply = canary["turns"][0]["reply"].as_str().unwrap();
    assert!(reply.ends_with('0') && canary["diagnosis"]["turn"] == 1, "{canary}");
    assert!(done.stderr.contains(&format!("round {shown} of 20:")), "{}", done.stderr);
    // the evidence is that of the same round
    let wire = canary["turns"][0]["wire"][0].as_str().unwrap();
    assert!(wire.contains("-round-15-turn-1"), "{wire}");
    assert!(std::fs::read_to_string(sandbox.path("out").join(wire)).unwrap().contains(reply));
}

#[tokio::test]
async fn enough_passed_rounds_pass_the_canary() {
    let (sandbox, done) = chancy(&["--min-pass", "0.9"]).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    ✓ pass   chancy  A code does not end in a nought  [time]
            rounds: 18/20 passed (90 %, 70–97 %)
            round 15 failed: prompt.question-missing: the model found no question in the prompt and answered: AWX-182620
    1 passed in [time]
    ");
    let rebuilt = sandbox.coalmine(&["report", "out"]).await;
    assert_eq!(rebuilt.stderr, done.stderr);
    let junit = std::fs::read_to_string(sandbox.path("out/junit.xml")).unwrap();
    assert!(junit.contains("name=\"rounds\" value=\"") && !junit.contains("<failure"), "{junit}");
}

#[tokio::test]
async fn rounds_have_their_own_facts_and_conversations() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--canary", "name-recall", "memory-recall", "--repeat", "3", "--seed", "7"]).await.code(0);
    let request =
        |round: &str| read_json(&sandbox.path(&format!("out/wire/name-recall{round}-turn-1.request.json")));
    let mut messages = BTreeSet::new();
    let mut contexts = BTreeSet::new();
    for round in ["", "-round-2", "-round-3"] {
        let message = request(round)["params"]["message"].clone();
        messages.insert(message["parts"].to_string());
        contexts.insert(message["contextId"].to_string());
    }
    assert_eq!((messages.len(), contexts.len()), (3, 3), "{messages:?}");
    // the second round of a seed has the facts of the first round of the next seed
    sandbox.coalmine(&["run", "--out", "next", "--canary", "name-recall", "--seed", "8"]).await.code(0);
    let next = read_json(&sandbox.path("next/wire/name-recall-turn-1.request.json"));
    assert_eq!(next["params"]["message"]["parts"], request("-round-2")["params"]["message"]["parts"]);
}

#[tokio::test]
async fn unjudged_rounds_do_not_pass() {
    let sandbox = Sandbox::new();
    let arguments = ["--canary", "name-recall", "--repeat", "3", "--min-pass", "0.1"];
    sandbox.run(&[&arguments[..], &["--fault", "boot.crash-on-message"]].concat()).await.code(2);
    let rounds = sandbox.summary()["canaries"][0]["rounds"].clone();
    assert_eq!((&rounds["judged"], &rounds["low"], &rounds["high"]), (&0.into(), &0.0.into(), &1.0.into()));
}

#[tokio::test]
async fn invalid_rounds_and_shares_are_rejected() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["--repeat", "0"][..],
        &["--repeat", "1001"],
        &["--min-pass", "0.5"],
        &["--repeat", "2", "--min-pass", "0"],
        &["--repeat", "2", "--min-pass", "1.1"],
        &["--repeat", "2", "--min-pass", "NaN"],
    ] {
        sandbox.run(arguments).await.code(2);
    }
    assert!(!sandbox.path("out").exists());
}
