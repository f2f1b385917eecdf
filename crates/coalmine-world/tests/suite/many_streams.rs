//! Thousands of parallel streams.

use std::sync::Arc;

use coalmine_world::{JournalPosition, ModelFault};
use futures_util::{StreamExt, future::join_all};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::{TestWorld, prompt};

const STREAMS: usize = 2_000;

/// Raises the limit of open files: each stream needs two, and many systems allow a thousand by default.
fn allow_open_files() {
    let (_, max) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let wanted = (3 * STREAMS as u64).min(max);
    setrlimit(Resource::RLIMIT_NOFILE, wanted, max).unwrap();
}

/// Returns the text of a stream, which is read to its end only after all others have begun.
async fn text(world: &TestWorld, number: usize, all_begun: &Barrier) -> String {
    let stated = format!("Hi, my name is Zorvane-{number:04}.");
    let mut body = prompt(&[("user", &stated), ("assistant", "Noted."), ("user", "What's my name?")]);
    body["stream"] = json!(true);
    let mut pieces = world.post("/v1/chat/completions", body.to_string()).await.bytes_stream();
    let mut text = pieces.next().await.unwrap().unwrap().to_vec();
    all_begun.wait().await;
    while let Some(piece) = pieces.next().await {
        text.extend_from_slice(&piece.unwrap());
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_slow_streams_are_complete() {
    allow_open_files();
    let world = TestWorld::start().await;
    let slow = "slow-words:50ms".parse::<ModelFault>().unwrap();
    let _slow = world.inner.inject(vec![], vec![], Some(slow));
    let all_begun = Arc::new(Barrier::new(STREAMS));
    let texts = join_all((0..STREAMS).map(|number| text(&world, number, &all_begun))).await;
    for (number, text) in texts.iter().enumerate() {
        let events = text.lines().filter_map(|line| line.strip_prefix("data: {"));
        let events =
            events.map(|rest| serde_json::from_str::<serde_json::Value>(&format!("{{{rest}")).unwrap());
        let said: String =
            events.filter_map(|e| e["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect();
        assert_eq!(said, format!("Your name is Zorvane-{number:04}."));
        assert!(text.ends_with("data: [DONE]\n\n"), "{number}: {text}");
    }
    let calls = world.inner.calls_since(JournalPosition::default());
    assert!(calls.len() == STREAMS && !calls.iter().any(|call| call.is_in_flight()));
    assert_eq!(world.end().await.lines().len(), STREAMS);
}
