//! A runtime is hostile input: whatever it answers, there is a verdict in time, and nobody is harmed by reading it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{CLASSICAL, Done, Hostile, Misdeed, Place, assert_harmless, assert_junit, head};

/// From the start of the binary to its end.
const WITHIN: Duration = Duration::from_secs(15);
/// The most memory that the binary may ever have held, in KiB.
const MEMORY: u64 = 150 << 10;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const BODY: &str = "\r\n";

/// Runs against a server and checks what must hold whatever it does.
async fn survive(server: &Hostile, more: &[&str]) -> (Done, Value) {
    let place = Place::new();
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
        // the bound on memory is that of one conversation
        "--jobs",
        "1",
    ];
    let began = Instant::now();
    let (done, peak) = place.start(&[&bounds, more].concat()).done_with_peak().await;
    assert!(began.elapsed() < WITHIN, "it took {:?}", began.elapsed());
    assert!(peak > 0 && peak < MEMORY, "{peak} KiB");
    assert!(matches!(done.status.code(), Some(1 | 2)), "{}\n{}", done.status, done.stderr);
    assert_harmless(&done.stderr);
    assert_eq!(done.stdout, "");
    let summary = place.summary();
    assert_ne!(summary["verdict"], "pass");
    assert_eq!(summary["run"]["complete"], true);
    let junit = std::fs::read_to_string(place.path("out/junit.xml")).unwrap();
    assert_junit(&junit, summary["canaries"].as_array().unwrap().len());
    (done, summary)
}

async fn answer(misdeed: Misdeed) -> Value {
    survive(&Hostile::answering(misdeed).await, &[]).await.1
}

/// What was said of the first turn that was sent.
fn first_error(summary: &Value) -> &str {
    summary["canaries"][1]["turns"][0]["error"]
        .as_str()
        .unwrap_or_else(|| panic!("{:#}", summary["canaries"][1]))
}

fn flood(kind: &str, first: &str, again: &str) -> Misdeed {
    Misdeed::Flood { head: head(200, kind) + BODY, first: first.into(), again: again.into() }
}

/// Bytes that look random and are the same each time.
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
    answer(Misdeed::Raw(noise(10_000))).await;
}

#[tokio::test]
async fn random_bytes_as_a_body() {
    let body = [(head(200, JSON) + BODY).into_bytes(), noise(100_000)].concat();
    let summary = answer(Misdeed::Raw(body)).await;
    assert!(first_error(&summary).contains("not JSON"), "{}", first_error(&summary));
}

#[tokio::test]
async fn two_hundred_megabytes() {
    let head = head(200, JSON) + "content-length: 209715200\r\n\r\n";
    let first = r#"{"jsonrpc":"2.0","id":"{id}","result":""#.to_owned();
    let summary = answer(Misdeed::Flood { head, first, again: "x".into() }).await;
    assert!(first_error(&summary).contains("larger than"), "{}", first_error(&summary));
}

#[tokio::test]
async fn a_json_text_without_end() {
    let first = r#"{"jsonrpc":"2.0","id":"{id}","result":{"kind":"message","parts":["#;
    let summary = answer(flood(JSON, first, r#"{"kind":"text","text":"x"},"#)).await;
    assert!(first_error(&summary).contains("larger than"), "{}", first_error(&summary));
}

#[tokio::test]
async fn one_byte_at_a_time_for_ever() {
    let head = head(200, JSON) + BODY;
    let summary = answer(Misdeed::Drip { head, text: r#"{"jsonrpc":"2.0","#.into() }).await;
    assert!(first_error(&summary).contains("within 1 s"), "{}", first_error(&summary));
}

#[tokio::test]
async fn a_head_that_never_ends() {
    let head = "HTTP/1.1 200 OK\r\n".to_owned();
    answer(Misdeed::Flood { head, first: "x: y\r\n".into(), again: "x: y\r\n".into() }).await;
}

#[tokio::test]
async fn a_hundred_thousand_nested_arrays() {
    let body = format!(r#"{{"jsonrpc":"2.0","id":"{{id}}","result":{}"#, "[".repeat(100_000));
    let summary = answer(Misdeed::Whole(200, JSON, body)).await;
    assert!(first_error(&summary).contains("nested deeper"), "{}", first_error(&summary));
}

#[tokio::test]
async fn millions_of_values() {
    let body = format!(r#"{{"jsonrpc":"2.0","id":"{{id}}","result":[0{}]}}"#, ",0".repeat(5 << 20));
    let summary = answer(Misdeed::Whole(200, JSON, body)).await;
    assert!(first_error(&summary).contains("values"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_event_stream_that_works_and_works() {
    let update = json!({ "jsonrpc": "2.0", "id": "{id}", "result": {
        "kind": "status-update", "taskId": "t", "contextId": "{context}", "final": false, "status": { "state": "working" },
    }});
    let event = format!("data: {update}\n\n");
    answer(flood(EVENTS, &event, &event)).await;
    let slow = Misdeed::Drip { head: head(200, EVENTS) + BODY, text: ": still there\n\n".into() };
    let summary = answer(slow).await;
    assert!(first_error(&summary).contains("within 1 s"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_event_that_never_ends() {
    answer(flood(EVENTS, "data: ", "x")).await;
}

#[tokio::test]
async fn a_task_that_never_is_done() {
    let task = json!({ "jsonrpc": "2.0", "id": "{id}", "result": {
        "kind": "task", "id": "t", "contextId": "{context}", "status": { "state": "working" },
    }});
    let summary = answer(Misdeed::Whole(200, JSON, task.to_string())).await;
    assert!(first_error(&summary).contains("still `working`"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_error_page() {
    let page = "<html>\u{1b}[31m<h1>Internal Server Error</h1>\n::error::x</html>";
    let summary = answer(Misdeed::Whole(500, "text/html", page.into())).await;
    assert!(first_error(&summary).contains("HTTP status 500"), "{}", first_error(&summary));
}

#[tokio::test]
async fn an_empty_answer_and_no_answer() {
    let summary = answer(Misdeed::Whole(200, JSON, String::new())).await;
    assert!(first_error(&summary).contains("empty"), "{}", first_error(&summary));
    let summary = answer(Misdeed::Reset).await;
    assert!(first_error(&summary).contains("connection was lost"), "{}", first_error(&summary));
}

#[tokio::test]
async fn the_answer_to_another_question() {
    let task = json!({ "jsonrpc": "2.0", "id": "another", "result": {
        "kind": "task", "id": "t", "contextId": "{context}", "status": { "state": "completed" },
    }});
    let summary = answer(Misdeed::Whole(200, JSON, task.to_string())).await;
    let findings = summary["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["code"] == "drift.response-id"), "{findings:?}");
}

#[tokio::test]
async fn a_redirect_in_a_circle() {
    let raw = b"HTTP/1.1 307 Round\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let summary = answer(Misdeed::Raw(raw.to_vec())).await;
    assert!(first_error(&summary).contains("307"), "{}", first_error(&summary));
}

#[tokio::test]
async fn no_card_or_one_without_end() {
    let (_, summary) = survive(&Hostile::with_card(Misdeed::Whole(404, JSON, "{}".into())).await, &[]).await;
    assert_eq!(summary["diagnosis"]["code"], "boot.not-ready");
    let cause = summary["diagnosis"]["cause"].as_str().unwrap();
    assert!(cause.contains("404"), "{cause}");
    let endless = flood(JSON, "{\"name\":\"", "x");
    let (_, summary) = survive(&Hostile::with_card(endless).await, &[]).await;
    assert_eq!(summary["diagnosis"]["code"], "boot.not-ready");
}
