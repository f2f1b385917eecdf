//! Every call is written down, in the order in which it came.

use std::io::Write;

use coalmine_world::{CallKind, JournalPosition, Timeouts, World, WorldConfig, model::SimulatedModel};
use serde_json::{Value, json};

use crate::support::{Served, TOKEN, prompt};

#[tokio::test]
async fn each_as_a_line_with_what_was_said() {
    let served = Served::new().await;
    served.post("/registry/register", "{\"id\":\"w1\"}").await;
    served.ask(&prompt(&[("system", "Be brief."), ("user", "my name is Tepuz-4305")])).await;
    served.get("/v1/models").await;
    served.post("/v1/embeddings?kind=float", "{}").await;
    served.post("/v1/chat/completions", "{").await;
    let lines = served.end().await.lines();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            format!("{} {} {} {} {}", line["seq"], line["kind"], line["method"], line["path"], line["status"])
        })
        .collect();
    assert_eq!(
        told,
        [
            r#"0 "control" "POST" "/registry/register" 200"#,
            r#"1 "model" "POST" "/v1/chat/completions" 200"#,
            r#"2 "model" "GET" "/v1/models" 200"#,
            r#"3 "unknown" "POST" "/v1/embeddings?kind=float" 404"#,
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
async fn calls_beside_each_other_keep_their_numbers() {
    let served = Served::new().await;
    let body = prompt(&[("user", "my name is Tepuz-4305")]);
    let (one, two, three) = (served.ask(&body), served.ask(&body), served.ask(&body));
    tokio::join!(one, two, three, served.get("/v1/models"), served.get("/registry/w1/peers"));
    let lines = served.end().await.lines();
    assert_eq!(lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn what_came_since_a_mark_is_at_hand() {
    let served = Served::new().await;
    served.get("/v1/models").await;
    let position = served.world.journal_position();
    assert_eq!(served.world.calls_since(position).len(), 0);
    served.ask(&prompt(&[("user", "my name is Tepuz-4305")])).await;
    let since = served.world.calls_since(position);
    assert_eq!(since.len(), 1);
    assert_eq!((since[0].kind, since[0].seq), (CallKind::Model, 1));
    assert!(since[0].content.prompt.as_ref().unwrap().contains("Tepuz-4305"));
    assert_eq!(served.world.calls_since(JournalPosition::default()).len(), 2);
}

#[tokio::test]
async fn the_line_breaks_of_what_was_said_break_no_line() {
    let served = Served::new().await;
    let said = "my name is\n\r\n\u{2028}{\"seq\":9}\n";
    served.ask(&prompt(&[("user", said)])).await;
    let written = served.end().await;
    assert_eq!(written.text().matches('\n').count(), 1, "{}", written.text());
    assert_eq!(written.lines()[0]["prompt"]["messages"][0]["text"], Value::from(said));
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk is full"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_disk_that_is_full_stops_no_answer_and_is_told_in_the_end() {
    let model = SimulatedModel::new([], &[].into()).unwrap();
    let world = World::new(WorldConfig {
        token: TOKEN.into(),
        model,
        journal: Box::new(Full),
        model_fault: None,
        journal_open: false,
        timeouts: Timeouts::default(),
        lenient: false,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/models", listener.local_addr().unwrap());
    let serving = tokio::spawn(coalmine_world::serve(listener, world.clone(), Default::default()));
    // it is installed already where tests share a process
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
