//! Canaries that are taken many times.

use std::collections::BTreeSet;

use crate::support::{Place, assert_shown, read_json};

/// Fails where the code that was drawn ends in a 0: by chance, and with a seed always in the same rounds.
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

async fn chancy(arguments: &[&str]) -> (Place, crate::support::Done) {
    let place = Place::new();
    std::fs::write(place.path("chancy.toml"), CHANCY).unwrap();
    let common = ["--canaries", "chancy.toml", "--canary", "chancy", "--seed", "13", "--repeat", "20"];
    let done = place.run(&[&common[..], arguments].concat()).await;
    (place, done)
}

#[tokio::test]
async fn a_canary_fails_where_too_few_rounds_pass_and_shows_the_first_that_failed() {
    let (place, done) = chancy(&[]).await;
    done.code(1);
    let canary = place.summary()["canaries"][0].clone();
    let rounds = &canary["rounds"];
    let (passed, shown) = (rounds["passed"].as_u64().unwrap(), rounds["shown"].as_u64().unwrap());
    assert_eq!((passed, shown), (18, 15), "{rounds}");
    assert_eq!((&rounds["judged"], &rounds["asked"]), (&20.into(), &20.into()));
    let told = canary["turns"][0]["reply"].as_str().unwrap();
    assert!(told.ends_with('0') && canary["diagnosis"]["turn"] == 1, "{canary}");
    assert!(done.stderr.contains(&format!("round {shown} of 20:")), "{}", done.stderr);
    // what proves it is that round's
    let wire = canary["turns"][0]["wire"][0].as_str().unwrap();
    assert!(wire.contains("-round-15-turn-1"), "{wire}");
    assert!(std::fs::read_to_string(place.path("out").join(wire)).unwrap().contains(told));
}

#[tokio::test]
async fn a_canary_passes_where_enough_rounds_do_and_says_how_sure_that_is() {
    let (place, done) = chancy(&["--min-pass", "0.9"]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    ✓ pass   chancy  A code does not end in a nought  [time]
            rounds: 18/20 passed (90 %, 70–97 %)
            round 15 failed: prompt.question-missing: the model could not make out the question and answered: AWX-182620
    1 passed in [time]
    ");
    let rebuilt = place.coalmine(&["report", "out"]).await;
    assert_eq!(rebuilt.stderr, done.stderr);
    let junit = std::fs::read_to_string(place.path("out/junit.xml")).unwrap();
    assert!(junit.contains("name=\"rounds\" value=\"") && !junit.contains("<failure"), "{junit}");
}

#[tokio::test]
async fn every_round_has_facts_and_conversations_of_its_own() {
    let place = Place::new();
    place.run(&["--canary", "name-recall", "memory-recall", "--repeat", "3", "--seed", "7"]).await.code(0);
    let request =
        |round: &str| read_json(&place.path(&format!("out/wire/name-recall{round}-turn-1.request.json")));
    let mut said = BTreeSet::new();
    let mut contexts = BTreeSet::new();
    for round in ["", "-round-2", "-round-3"] {
        let message = request(round)["params"]["message"].clone();
        said.insert(message["parts"].to_string());
        contexts.insert(message["contextId"].to_string());
    }
    assert_eq!((said.len(), contexts.len()), (3, 3), "{said:?}");
    // the second round of a seed says what the first one of the next seed does
    place.coalmine(&["run", "--out", "next", "--canary", "name-recall", "--seed", "8"]).await.code(0);
    let next = read_json(&place.path("next/wire/name-recall-turn-1.request.json"));
    assert_eq!(next["params"]["message"]["parts"], request("-round-2")["params"]["message"]["parts"]);
}

#[tokio::test]
async fn what_could_not_be_judged_is_no_pass() {
    let place = Place::new();
    let arguments = ["--canary", "name-recall", "--repeat", "3", "--min-pass", "0.1"];
    place.run(&[&arguments[..], &["--fault", "boot.crash-on-message"]].concat()).await.code(2);
    let rounds = place.summary()["canaries"][0]["rounds"].clone();
    assert_eq!((&rounds["judged"], &rounds["low"], &rounds["high"]), (&0.into(), &0.0.into(), &1.0.into()));
}

#[tokio::test]
async fn shares_and_numbers_of_rounds_that_make_no_sense_are_refused() {
    let place = Place::new();
    for arguments in [
        &["--repeat", "0"][..],
        &["--repeat", "1001"],
        &["--min-pass", "0.5"],
        &["--repeat", "2", "--min-pass", "0"],
        &["--repeat", "2", "--min-pass", "1.1"],
        &["--repeat", "2", "--min-pass", "NaN"],
    ] {
        place.run(arguments).await.code(2);
    }
    assert!(!place.path("out").exists());
}
