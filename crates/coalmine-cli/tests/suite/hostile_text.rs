//! What a runtime says is shown as text: it moves no cursor, sets no clipboard, commands no CI and breaks no XML.

use serde_json::json;

use crate::support::{Hostile, Misdeed, Place, assert_harmless, assert_junit, assert_no_control, red};

/// Everything that something acts on: ANSI, C1, OSC 52, commands of CI logs, ends of XML, NUL, direction overrides.
const NASTY: &str = "\u{1b}[2J\u{1b}[31mred\u{9b}1mbold\u{1b}]52;c;b3duZWQ=\u{7}\n::set-output name=x::y\n  ::error::z\n\
                     ##[error]a\n##vso[task.complete]b ]]></failure></testsuite></testsuites>\u{0}\u{8}\r\u{85}\u{202e}\u{ffff}&amp;<a b='c'>";

/// A completed task that says it in every place.
fn task() -> String {
    let part = json!({ "kind": "text", "text": NASTY });
    json!({ "jsonrpc": "2.0", "id": "{id}", "result": {
        "kind": "task", "id": NASTY, "contextId": NASTY,
        "status": { "state": "completed", "message": {
            "kind": "message", "role": "agent", "messageId": NASTY, "contextId": "{context}", "parts": [part] } },
        "artifacts": [{ "artifactId": NASTY, "name": NASTY, "parts": [part] }],
    }})
    .to_string()
}

async fn judge(misdeed: Misdeed, model: &str) -> serde_json::Value {
    let server = Hostile::answering(misdeed).await;
    let place = Place::new();
    let arguments = ["--url", &server.url, "--model", model, "--timeout", "2s", "--turn-timeout", "1s"];
    let done = place.run(&arguments).await;
    assert!(matches!(done.status.code(), Some(1 | 2)), "{}", done.stderr);
    assert_harmless(&done.stderr);
    assert_eq!(done.stdout, "");
    let summary = place.summary();
    let canaries = summary["canaries"].as_array().unwrap().len();
    let junit = std::fs::read_to_string(place.path("out/junit.xml")).unwrap();
    assert_junit(&junit, canaries);
    let rebuilt = place.coalmine(&["report", "out"]).await;
    assert_eq!(rebuilt.status.code(), done.status.code());
    assert_harmless(&rebuilt.stderr);
    assert!(!red(&summary).is_empty());
    summary
}

#[tokio::test]
async fn an_answer_full_of_control_sequences_is_shown_harmless_whoever_is_the_model() {
    judge(Misdeed::Whole(200, "application/json", task()), "simulated").await;
    let summary = judge(Misdeed::Whole(200, "application/json", task()), "canary-mode").await;
    // the program that reads the summary gets what was said, unharmed
    let reply = summary["canaries"][1]["turns"][0]["reply"].as_str().unwrap();
    assert!(reply.contains("set-output") && reply.contains("</testsuite>"), "{reply:?}");
}

#[tokio::test]
async fn an_error_full_of_control_sequences_is_shown_harmless() {
    let error = json!({ "jsonrpc": "2.0", "id": "{id}", "error": { "code": -32603, "message": NASTY, "data": NASTY } });
    judge(Misdeed::Whole(200, "application/json", error.to_string()), "simulated").await;
    judge(Misdeed::Whole(500, "text/html", NASTY.into()), "canary-mode").await;
    judge(Misdeed::Whole(200, "application/json", NASTY.into()), "canary-mode").await;
}

#[tokio::test]
async fn a_state_full_of_control_sequences_is_shown_harmless() {
    let task = json!({ "jsonrpc": NASTY, "id": NASTY, "result": {
        "kind": NASTY, "id": "t", "contextId": "{context}", "status": { "state": NASTY },
    }});
    judge(Misdeed::Whole(200, "application/json", task.to_string()), "simulated").await;
}

#[tokio::test]
async fn what_a_process_prints_is_shown_harmless() {
    let place = Place::new();
    std::fs::write(place.path("nasty"), NASTY.repeat(50) + "\nlast words").unwrap();
    let done = place.run(&["--cmd", "cat nasty; cat nasty >&2; exit 3"]).await;
    done.code(2);
    assert_harmless(&done.stderr);
    assert_eq!(done.stdout, "");
    assert_junit(&std::fs::read_to_string(place.path("out/junit.xml")).unwrap(), 7);
    assert!(done.stderr.contains("last words"), "{}", done.stderr);
}

#[tokio::test]
async fn the_summary_on_stdout_holds_no_control_character_and_loses_none() {
    let server = Hostile::answering(Misdeed::Whole(200, "application/json", task())).await;
    let place = Place::new();
    let done =
        place.run(&["--url", &server.url, "--model", "canary-mode", "--json", "--timeout", "2s"]).await;
    done.code(1);
    assert_no_control(&done.stdout);
    let printed: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(printed["canaries"][1]["turns"][0]["reply"].as_str().unwrap().contains(NASTY), "{}", done.stdout);
}
