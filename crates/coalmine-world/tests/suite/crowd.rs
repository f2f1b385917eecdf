//! Thousands of streams at once.

use std::sync::Arc;

use coalmine_world::{JournalPosition, ModelFault};
use futures_util::{StreamExt, future::join_all};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::{Served, prompt};

const STREAMS: usize = 2_000;

/// Each stream is two open files here, and many systems allow a process a thousand unless it asks for more.
fn allow_open_files() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let wanted = (3 * STREAMS as u64).min(most);
    setrlimit(Resource::RLIMIT_NOFILE, wanted, most).unwrap();
}

/// The text of a stream; its end is waited for only when all others have begun as well.
async fn text(served: &Served, number: usize, all_begun: &Barrier) -> String {
    let told = format!("Hi, my name is Zorvane-{number:04}.");
    let mut body = prompt(&[("user", &told), ("assistant", "Noted."), ("user", "What's my name?")]);
    body["stream"] = json!(true);
    let mut pieces = served.post("/v1/chat/completions", body.to_string()).await.bytes_stream();
    let mut text = pieces.next().await.unwrap().unwrap().to_vec();
    all_begun.wait().await;
    while let Some(piece) = pieces.next().await {
        text.extend_from_slice(&piece.unwrap());
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_slow_streams_all_end_right() {
    allow_open_files();
    let served = Served::new().await;
    let slow = "slow-words:50ms".parse::<ModelFault>().unwrap();
    let _slow = served.world.inject(vec![], vec![], Some(slow));
    let all_begun = Arc::new(Barrier::new(STREAMS));
    let texts = join_all((0..STREAMS).map(|number| text(&served, number, &all_begun))).await;
    for (number, text) in texts.iter().enumerate() {
        let events = text.lines().filter_map(|line| line.strip_prefix("data: {"));
        let events =
            events.map(|rest| serde_json::from_str::<serde_json::Value>(&format!("{{{rest}")).unwrap());
        let said: String =
            events.filter_map(|e| e["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect();
        assert_eq!(said, format!("Your name is Zorvane-{number:04}."));
        assert!(text.ends_with("data: [DONE]\n\n"), "{number}: {text}");
    }
    let calls = served.world.calls_since(JournalPosition::default());
    assert!(calls.len() == STREAMS && !calls.iter().any(|call| call.is_in_flight()));
    assert_eq!(served.end().await.lines().len(), STREAMS);
}
