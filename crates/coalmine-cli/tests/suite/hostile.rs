//! Runtimes are untrusted input: whatever they answer, a run ends in time with a verdict and harmless output.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    Attack, CLASSICAL, HostileServer, Output, Sandbox, assert_harmless, assert_junit, head,
};

/// The longest time from the start of the binary to its end.
const WITHIN: Duration = Duration::from_secs(15);
/// The highest peak memory of the binary, in KiB.
const MEMORY: u64 = 150 << 10;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const BODY: &str = "\r\n";

/// Runs against a server, and asserts what must hold whatever the server does.
async fn survive(server: &HostileServer, more: &[&str]) -> (Output, Value) {
    let sandbox = Sandbox::new();
    let bounds = [
        "run",
        "--out",
        "out",
        "--canary",
        CLASSICAL,
        "--url",
        &server.url,
        "--turn-timeout",
        "1s",
        "--timeout",
        "2s",
        // one job, because the memory limit is that of one conversation
        "--jobs",
        "1",
    ];
    let began = Instant::now();
    let (done, peak) = sandbox.start(&[&bounds, more].concat()).done_with_peak().await;
    assert!(began.elapsed() < WITHIN, "it took {:?}", began.elapsed());
    assert!(peak > 0 && peak < MEMORY, "{peak} KiB");
    assert!(matches!(done.status.code(), Some(1 | 2)), "{}\n{}", done.status, done.stderr);
    assert_harmless(&done.stderr);
    assert_eq!(done.stdout, "");
    let summary = sandbox.summary();
    assert_ne!(summary["verdict"], "pass");
    assert_eq!(summary["run"]["complete"], true);
    let junit = std::fs::read_to_string(sandbox.path("out/junit.xml")).unwrap();
    assert_junit(&junit, summary["canaries"].as_array().unwrap().len());
    (done, summary)
}

async fn answer(attack: Attack) -> Value {
    survive(&HostileServer::answering(attack).await, &[]).await.1
}

/// Returns the error of the first turn that was sent.
fn first_error(summary: &Value) -> &str {
    summary["canaries"][1]["turns"][0]["error"]
        .as_str()
        .unwrap_or_else(|| panic!("{:#}", summary["canaries"][1]))
}

fn flood(kind: &str, first: &str, again: &str) -> Attack {
    Attack::Flood { head: head(200, kind) + BODY, first: first.into(), again: again.into() }
}

/// Returns pseudo-random bytes that are the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[tokio::test]
async fn random_bytes_instead_of_http() {
    answer(Attack::Raw(noise(10_000))).await;
}

#[tokio::test]
async fn random_bytes_as_a_body() {
    let body = [(head(200, JSON) + BODY).into_bytes(), noise(100_000)].concat();
    let summary = answer(Attack::Raw(body)).await;
    assert!(first_error(&summary).contains("not JSON"), "{}", first_error(&summary));
}

#[tokio::test]
async fn two_hundred_megabytes() {
    let head = head(200, JSON) + "content-length: 209715200\r\n\r\n";
    let first = r#"{"jsonrpc":"2.0","id":"{id}","result":""#.to_owned();
    let summary = answer(Attack::Flood { head, first, again: "x".into() }).await;
    assert!(first_error(&summary).contains("larger than"), "{}", first_error(&summary));
}

#[tokio::test]
async fn a_json_text_without_end() {
    let first = r#"{"jsonrpc":"2.0","id":"{id}","result":{"kind":"message","parts":["#;
    let summary = answer(flood(JSON, first, r#"{"kind":"text","text":"x"},"#)).await;
    assert!(first_error(&summary).contains("larger than"), "{}", first_error(&summary));
}

#[tokio::test]
async fn one_byte_at_a_time_forever() {
    let head = head(200, JSON) + BODY;
    let summary = answer(Attack::Drip { head, text: r#"{"jsonrpc":"2.0","#.into() }).await;
    assert!(first_error(&summary).contains("within 1 s"), "{}", first_error(&summary));
}

#[tokio::test]
async fn a_head_that_never_ends() {
    let head = "HTTP/1.1 200 OK\r\n".to_owned();
    answer(Attack::Flood { head, first: "x: y\r\n".into(), again: "x: y\r\n".into() }).await;
}

#[tokio::test]
async fn a_hundred_thousand_nested_arrays() {
    let body = format!(r#"{{"jsonrpc":"2.0","id":"{{id}}","result":{}"#, "[".repeat(100_000));
    let summary = answer(Attack::Whole(200, JSON, body)).await;
    assert!(first_error(&summary).contains("nested deeper"), "{}", first_error(&summary));
}

#[tokio::test]
async fn millions_of_values() {
    let body = format!(r#"{{"jsonrpc":"2.0","id":"{{id}}","result":[0{}]}}"#, ",0".repeat(5 << 20));
    let summary = answer(Attack::Whole(200, JSON, body)).await;
    assert!(first_error(&summary).contains("values"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_endless_event_stream() {
    let update = json!({ "jsonrpc": "2.0", "id": "{id}", "result": {
        "kind": "status-update", "taskId": "t", "contextId": "{context}", "final": false, "status": { "state": "working" },
    }});
    let event = format!("data: {update}\n\n");
    answer(flood(EVENTS, &event, &event)).await;
    let slow = Attack::Drip { head: head(200, EVENTS) + BODY, text: ": still there\n\n".into() };
    let summary = answer(slow).await;
    assert!(first_error(&summary).contains("within 1 s"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_event_that_never_ends() {
    answer(flood(EVENTS, "data: ", "x")).await;
}

#[tokio::test]
async fn a_task_that_is_never_done() {
    let task = json!({ "jsonrpc": "2.0", "id": "{id}", "result": {
        "kind": "task", "id": "t", "contextId": "{context}", "status": { "state": "working" },
    }});
    let summary = answer(Attack::Whole(200, JSON, task.to_string())).await;
    assert!(first_error(&summary).contains("still `working`"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_error_page() {
    let page = "<html>\u{1b}[31m<h1>Internal Server Error</h1>\n::error::x</html>";
    let summary = answer(Attack::Whole(500, "text/html", page.into())).await;
    assert!(first_error(&summary).contains("HTTP status 500"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_empty_answer_and_no_answer() {
    let summary = answer(Attack::Whole(200, JSON, String::new())).await;
    assert!(first_error(&summary).contains("empty"), "{}", first_error(&summary));
    let summary = answer(Attack::Reset).await;
    assert!(first_error(&summary).contains("connection was lost"), "{}", first_error(&summary));
}

#[tokio::test]
async fn the_answer_to_another_question() {
    let task = json!({ "jsonrpc": "2.0", "id": "another", "result": {
        "kind": "task", "id": "t", "contextId": "{context}", "status": { "state": "completed" },
    }});
    let summary = answer(Attack::Whole(200, JSON, task.to_string())).await;
    let findings = summary["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["code"] == "drift.response-id"), "{findings:?}");
}

#[tokio::test]
async fn a_redirect_in_a_circle() {
    let raw = b"HTTP/1.1 307 Round\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let summary = answer(Attack::Raw(raw.to_vec())).await;
    assert!(first_error(&summary).contains("307"), "{}", first_error(&summary));
}

#[tokio::test]
async fn a_pause_longer_than_anybody_waits() {
    let head = "HTTP/1.1 429 Later\r\nretry-after: 18446744073709551615\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let summary = answer(Attack::Raw(head.into())).await;
    assert!(first_error(&summary).contains("429"), "{}", first_error(&summary));
}

#[tokio::test]
async fn no_card_or_one_without_end() {
    let (_, summary) =
        survive(&HostileServer::with_card(Attack::Whole(404, JSON, "{}".into())).await, &[]).await;
    assert_eq!(summary["diagnosis"]["code"], "boot.not-ready");
    let cause = summary["diagnosis"]["cause"].as_str().unwrap();
    assert!(cause.contains("404"), "{cause}");
    let endless = flood(JSON, "{\"name\":\"", "x");
    let (_, summary) = survive(&HostileServer::with_card(endless).await, &[]).await;
    assert_eq!(summary["diagnosis"]["code"], "boot.not-ready");
}
