//! Injected faults look like those of a vendor, occur once, and are recorded.

use std::time::{Duration, Instant};

use coalmine_world::ModelFault;
use futures_util::StreamExt;
use serde_json::Value;

use crate::support::{TestWorld, prompt};

const CHAT: &str = "/v1/chat/completions";

fn asked(stream: bool) -> String {
    let mut body: Value = prompt(&[("user", "my name is Tepuz-4305")]);
    body["stream"] = stream.into();
    body.to_string()
}

#[tokio::test]
async fn status_has_the_vendors_shape_and_occurs_once() {
    let world = TestWorld::start().await;
    world.inner.inject_next(["429:2s".parse().unwrap(), "529".parse().unwrap()]);
    let refused = world.post(CHAT, asked(false)).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"2".parse().unwrap()));
    let body: Value = refused.json().await.unwrap();
    assert!(body["error"]["message"].as_str().unwrap().contains("Rate limit"), "{body}");
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
    assert_eq!(world.post(CHAT, asked(false)).await.status(), 529);
    assert_eq!(world.post(CHAT, asked(false)).await.status(), 200);
    let notes: Vec<Value> =
        world.end().await.lines().into_iter().map(|mut line| line["note"].take()).collect();
    assert!(notes[0].as_str().unwrap().starts_with("answered 429 on purpose"), "{notes:?}");
    assert_eq!(notes[2], Value::Null);
}

#[tokio::test]
async fn cut_answer_begins_but_does_not_end() {
    let world = TestWorld::start().await;
    for stream in [false, true] {
        world.inner.inject_next([ModelFault::Cut]);
        let mut body = world.post(CHAT, asked(stream)).await.bytes_stream();
        let (mut bytes, mut broken) = (0, false);
        while let Some(chunk) = body.next().await {
            match chunk {
                Ok(chunk) => bytes += chunk.len(),
                Err(_) => broken = true,
            }
        }
        assert!(bytes > 0 && broken, "stream {stream}: {bytes} bytes, broken {broken}");
    }
}

#[tokio::test]
async fn reset_connection_sends_nothing() {
    let world = TestWorld::start().await;
    world.inner.inject_next([ModelFault::Reset]);
    let request = world.http.post(format!("{}{CHAT}", world.url)).body(asked(false));
    let read = match request.send().await {
        Ok(response) => response.bytes().await.map(|bytes| bytes.len()),
        Err(error) => Err(error),
    };
    assert!(read.is_err(), "{read:?}");
}

#[tokio::test]
async fn slow_first_word_delays_the_head() {
    let world = TestWorld::start().await;
    for stream in [false, true] {
        world.inner.inject_next(["slow-first:3600s".parse().unwrap()]);
        let request = world.http.post(format!("{}{CHAT}", world.url)).timeout(Duration::from_millis(100));
        let error = request.body(asked(stream)).send().await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        world.inner.inject_next(["slow-first:20ms".parse().unwrap()]);
        let text = world.post(CHAT, asked(stream)).await.text().await.unwrap();
        assert!(text.contains("Noted."), "{text}");
    }
    assert_eq!(world.end().await.lines().len(), 4, "clients that left are recorded as well");
}

#[tokio::test]
async fn slow_words_arrive_one_by_one() {
    let world = TestWorld::start().await;
    world.inner.inject_next(["slow-words:20ms".parse().unwrap()]);
    let mut body = world.post(CHAT, asked(true)).await.bytes_stream();
    let (mut chunks, mut all) = (0, String::new());
    while let Some(chunk) = body.next().await {
        chunks += 1;
        all.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
    }
    assert!(chunks > 2, "{chunks} chunk(s)");
    assert!(all.contains("Noted.") && all.trim_end().ends_with("[DONE]"), "{all}");
}

#[tokio::test]
async fn whole_answers_wait_for_all_their_words() {
    let world = TestWorld::start().await;
    world.inner.inject_next(["slow-words:1200s".parse().unwrap(), "slow-words:30ms".parse().unwrap()]);
    let asked =
        prompt(&[("user", "my name is Tepuz-4305"), ("assistant", "Noted."), ("user", "what's my name?")]);
    let request = world.http.post(format!("{}{CHAT}", world.url)).timeout(Duration::from_millis(100));
    assert!(request.body(asked.to_string()).send().await.unwrap_err().is_timeout());
    let begun = Instant::now();
    let text = world.post(CHAT, asked.to_string()).await.text().await.unwrap();
    assert!(text.contains("Your name is Tepuz-4305."), "{text}");
    assert!(begun.elapsed() >= 4 * Duration::from_millis(30), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn open_world_accepts_faults_from_clients() {
    let world = TestWorld::start_open().await;
    let inject =
        async |faults: &'static str| world.post("/model-fault", faults).await.json::<Value>().await.unwrap();
    assert_eq!(inject("429:1s 529").await["waiting"], 2);
    assert_eq!(world.post(CHAT, asked(false)).await.status(), 429);
    assert_eq!(inject("").await["waiting"], 1);
    assert_eq!(world.post(CHAT, asked(true)).await.status(), 529);
    assert_eq!(world.post(CHAT, asked(false)).await.status(), 200);
    let refused = world.post("/model-fault", "500 flood").await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("unknown model fault `flood`"));
    assert_eq!(inject("").await["waiting"], 0, "nothing is injected if a name is unknown");
    let closed = TestWorld::start().await;
    assert_eq!(closed.post("/model-fault", "500").await.status(), 404);
    assert_eq!(closed.post(CHAT, asked(false)).await.status(), 200);
}
