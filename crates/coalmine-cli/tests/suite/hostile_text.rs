//! Text of a runtime is escaped: it moves no cursor, sets no clipboard, runs no CI command and breaks no XML.

use coalmine::event::is_hidden;
use serde_json::json;

use crate::support::{Attack, HostileServer, Sandbox, assert_harmless, assert_junit, assert_no_control, red};

/// ANSI, C1, OSC 52, commands of CI logs, ends of XML sections, NUL and direction overrides.
const NASTY: &str = "\u{1b}[2J\u{1b}[31mred\u{9b}1mbold\u{1b}]52;c;b3duZWQ=\u{7}\n::set-output name=x::y\n  ::error::z\n\
                     ##[error]a\n##vso[task.complete]b ]]></failure></testsuite></testsuites>\u{0}\u{8}\r\u{85}\u{2028}\u{2066}\u{200b}\u{202e}\u{ffff}&amp;<a b='c'>";

/// Returns a completed task with this text in every field.
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

async fn judge(attack: Attack, model: &str) -> serde_json::Value {
    let server = HostileServer::answering(attack).await;
    let sandbox = Sandbox::new();
    let arguments = ["--url", &server.url, "--model", model, "--timeout", "2s", "--turn-timeout", "1s"];
    let done = sandbox.run(&arguments).await;
    assert!(matches!(done.status.code(), Some(1 | 2)), "{}", done.stderr);
    assert_harmless(&done.stderr);
    assert_eq!(done.stdout, "");
    let summary = sandbox.summary();
    let canaries = summary["canaries"].as_array().unwrap().len();
    let junit = std::fs::read_to_string(sandbox.path("out/junit.xml")).unwrap();
    assert_junit(&junit, canaries);
    for name in ["events.ndjson", "journal.ndjson", "summary.json"] {
        let text = std::fs::read_to_string(sandbox.path("out").join(name)).unwrap();
        let hidden = text.chars().find(|letter| is_hidden(*letter) && *letter != '\n');
        assert_eq!(hidden, None, "{name}");
    }
    let rebuilt = sandbox.coalmine(&["report", "out"]).await;
    assert_eq!(rebuilt.status.code(), done.status.code());
    assert_harmless(&rebuilt.stderr);
    assert!(!red(&summary).is_empty());
    summary
}

#[tokio::test]
async fn control_sequences_in_an_answer_are_escaped() {
    judge(Attack::Whole(200, "application/json", task()), "simulated").await;
    let summary = judge(Attack::Whole(200, "application/json", task()), "canary-mode").await;
    // programs that read the summary get the original text
    let reply = summary["canaries"][1]["turns"][0]["reply"].as_str().unwrap();
    assert!(reply.contains("set-output") && reply.contains("</testsuite>"), "{reply:?}");
}

#[tokio::test]
async fn control_sequences_in_an_error_are_escaped() {
    let error = json!({ "jsonrpc": "2.0", "id": "{id}", "error": { "code": -32603, "message": NASTY, "data": NASTY } });
    judge(Attack::Whole(200, "application/json", error.to_string()), "simulated").await;
    judge(Attack::Whole(500, "text/html", NASTY.into()), "canary-mode").await;
    judge(Attack::Whole(200, "application/json", NASTY.into()), "canary-mode").await;
}

#[tokio::test]
async fn control_sequences_in_a_state_are_escaped() {
    let task = json!({ "jsonrpc": NASTY, "id": NASTY, "result": {
        "kind": NASTY, "id": "t", "contextId": "{context}", "status": { "state": NASTY },
    }});
    judge(Attack::Whole(200, "application/json", task.to_string()), "simulated").await;
}

#[tokio::test]
async fn control_sequences_in_process_output_are_escaped() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("nasty"), NASTY.repeat(50) + "\nlast words").unwrap();
    let done = sandbox.run(&["--cmd", "cat nasty; cat nasty >&2; exit 3"]).await;
    done.code(2);
    assert_harmless(&done.stderr);
    assert_eq!(done.stdout, "");
    assert_junit(&std::fs::read_to_string(sandbox.path("out/junit.xml")).unwrap(), 7);
    assert!(done.stderr.contains("last words"), "{}", done.stderr);
}

#[tokio::test]
async fn summary_on_stdout_escapes_control_characters() {
    let server = HostileServer::answering(Attack::Whole(200, "application/json", task())).await;
    let sandbox = Sandbox::new();
    let done =
        sandbox.run(&["--url", &server.url, "--model", "canary-mode", "--json", "--timeout", "2s"]).await;
    done.code(1);
    assert_no_control(&done.stdout);
    let printed: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(printed["canaries"][1]["turns"][0]["reply"].as_str().unwrap().contains(NASTY), "{}", done.stdout);
}
