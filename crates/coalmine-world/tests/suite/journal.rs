//! The journal records every call, in order.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use coalmine_world::{
    CallKind, Callers, JournalPosition, Limits, Timeouts, World, WorldConfig, model::SimulatedModel,
};
use serde_json::{Value, json};

use crate::support::{TOKEN, TestWorld, prompt};

#[tokio::test]
async fn writes_a_line_for_each_call() {
    let world = TestWorld::start().await;
    world.post("/registry/register", "{\"id\":\"w1\"}").await;
    world.ask(&prompt(&[("system", "Be brief."), ("user", "my name is Tepuz-4305")])).await;
    world.get("/v1/models").await;
    world.post("/v1/images/generations?kind=float", "{}").await;
    world.post("/v1/chat/completions", "{").await;
    let lines = world.end().await.lines();
    let summaries: Vec<_> = lines
        .iter()
        .map(|line| {
            format!("{} {} {} {} {}", line["seq"], line["kind"], line["method"], line["path"], line["status"])
        })
        .collect();
    assert_eq!(
        summaries,
        [
            r#"0 "control" "POST" "/registry/register" 200"#,
            r#"1 "model" "POST" "/v1/chat/completions" 200"#,
            r#"2 "model-info" "GET" "/v1/models" 200"#,
            r#"3 "unknown" "POST" "/v1/images/generations?kind=float" 404"#,
            r#"4 "model" "POST" "/v1/chat/completions" 400"#,
        ]
    );
    assert_eq!(lines[1]["prompt"]["messages"][1], json!({ "role": "user", "text": "my name is Tepuz-4305" }));
    assert_eq!(
        (&lines[1]["answer"]["text"], &lines[1]["dialect"]),
        (&json!("Noted."), &json!("openai-chat"))
    );
    assert!(lines[4]["note"].as_str().unwrap().contains("could not parse"), "{}", lines[4]);
    assert_eq!(lines[3]["bytes"], 2);
    let times: Vec<_> = lines.iter().map(|line| line["at_ms"].as_u64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(!serde_json::to_string(&lines).unwrap().contains(TOKEN));
}

#[tokio::test]
async fn numbers_parallel_calls_in_order() {
    let world = TestWorld::start().await;
    let body = prompt(&[("user", "my name is Tepuz-4305")]);
    let (one, two, three) = (world.ask(&body), world.ask(&body), world.ask(&body));
    tokio::join!(one, two, three, world.get("/v1/models"), world.get("/registry/w1/peers"));
    let lines = world.end().await.lines();
    assert_eq!(lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn returns_calls_since_a_position() {
    let world = TestWorld::start().await;
    world.get("/v1/models").await;
    let position = world.inner.journal_position();
    assert_eq!(world.inner.calls_since(position).len(), 0);
    world.ask(&prompt(&[("user", "my name is Tepuz-4305")])).await;
    let since = world.inner.calls_since(position);
    assert_eq!(since.len(), 1);
    assert_eq!((since[0].kind, since[0].seq), (CallKind::Model, 1));
    assert!(since[0].content.prompt.as_ref().unwrap().contains("Tepuz-4305"));
    assert_eq!(world.inner.calls_since(JournalPosition::default()).len(), 2);
}

#[tokio::test]
async fn recall_counts_as_answered_after_the_pause() {
    let pause = Duration::from_millis(50);
    let world = TestWorld::start_with_recall_pause(pause).await;
    let stated = ("user", "my name is Tepuz-4305");
    let began = Instant::now();
    world.ask(&prompt(&[stated, ("assistant", "Noted."), ("user", "what's my name")])).await;
    let call = &world.inner.calls_since(JournalPosition::default())[0];
    assert_eq!(call.content.answer.as_ref().unwrap().text, "Your name is Tepuz-4305.");
    assert!(call.answered_at >= began + pause && call.answered_at <= Instant::now());
}

#[tokio::test]
async fn pause_of_recalls_can_be_left_out() {
    let pause = Duration::from_secs(3600);
    let world = TestWorld::start_with_recall_pause(pause).await;
    world.inner.recall_at_once(true);
    let answer = world.ask(&prompt(&[("user", "my name is Tepuz-4305"), ("user", "what's my name")])).await;
    assert!(answer.to_string().contains("Tepuz-4305"), "{answer}");
}

#[tokio::test]
async fn escapes_line_breaks() {
    let world = TestWorld::start().await;
    let text = "my name is\n\r\n\u{2028}{\"seq\":9}\n";
    world.ask(&prompt(&[("user", text)])).await;
    let journal = world.end().await;
    assert_eq!(journal.text().matches('\n').count(), 1, "{}", journal.text());
    assert_eq!(journal.lines()[0]["prompt"]["messages"][0]["text"], Value::from(text));
}

/// Fails as a full disk does.
struct FullDisk;

impl Write for FullDisk {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk is full"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn full_disk_stops_no_answer_and_fails_the_close() {
    let model = SimulatedModel::new([], &[].into()).unwrap();
    let world = World::new(WorldConfig {
        token: TOKEN.into(),
        model,
        journal: Box::new(FullDisk),
        model_fault: None,
        journal_open: false,
        timeouts: Timeouts::default(),
        limits: Limits::default(),
        callers: Callers::Anyone,
        lenient: false,
        recall_pause: Duration::ZERO,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/models", listener.local_addr().unwrap());
    let serving = tokio::spawn(coalmine_world::serve(listener, world.clone(), Default::default()));
    // fails if another test of this process has installed it
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..3 {
        assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
    }
    assert_eq!(world.calls_since(JournalPosition::default()).len(), 3);
    let error = world.close().await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("full"), "{cause}");
    serving.abort();
}
