//! What goes wrong on purpose goes wrong as it does at a vendor's, once, and is written down.

use std::time::Duration;

use coalmine_world::ModelFault;
use futures_util::StreamExt;
use serde_json::Value;

use crate::support::{Served, prompt};

const CHAT: &str = "/v1/chat/completions";

fn asked(stream: bool) -> String {
    let mut body: Value = prompt(&[("user", "my name is Tepuz-4305")]);
    body["stream"] = stream.into();
    body.to_string()
}

#[tokio::test]
async fn a_status_comes_in_the_vendors_shape_and_only_once() {
    let served = Served::new().await;
    served.world.inject_next(["429:2s".parse().unwrap(), "529".parse().unwrap()]);
    let refused = served.post(CHAT, asked(false)).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"2".parse().unwrap()));
    let body: Value = refused.json().await.unwrap();
    assert!(body["error"]["message"].as_str().unwrap().contains("Rate limit"), "{body}");
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
    assert_eq!(served.post(CHAT, asked(false)).await.status(), 529);
    assert_eq!(served.post(CHAT, asked(false)).await.status(), 200);
    let notes: Vec<Value> =
        served.end().await.lines().into_iter().map(|mut line| line["note"].take()).collect();
    assert!(notes[0].as_str().unwrap().starts_with("answered 429 on purpose"), "{notes:?}");
    assert_eq!(notes[2], Value::Null);
}

#[tokio::test]
async fn a_cut_answer_begins_and_does_not_end() {
    let served = Served::new().await;
    for stream in [false, true] {
        served.world.inject_next([ModelFault::Cut]);
        let mut body = served.post(CHAT, asked(stream)).await.bytes_stream();
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
async fn a_reset_connection_brings_nothing() {
    let served = Served::new().await;
    served.world.inject_next([ModelFault::Reset]);
    let request = served.http.post(format!("{}{CHAT}", served.url)).body(asked(false));
    let read = match request.send().await {
        Ok(response) => response.bytes().await.map(|bytes| bytes.len()),
        Err(error) => Err(error),
    };
    assert!(read.is_err(), "{read:?}");
}

#[tokio::test]
async fn a_slow_first_word_holds_back_the_head_as_well() {
    let served = Served::new().await;
    for stream in [false, true] {
        served.world.inject_next(["slow-first:3600s".parse().unwrap()]);
        let request = served.http.post(format!("{}{CHAT}", served.url)).timeout(Duration::from_millis(100));
        let error = request.body(asked(stream)).send().await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        served.world.inject_next(["slow-first:20ms".parse().unwrap()]);
        let text = served.post(CHAT, asked(stream)).await.text().await.unwrap();
        assert!(text.contains("Noted."), "{text}");
    }
    assert_eq!(served.end().await.lines().len(), 4, "who left was written down as well");
}

#[tokio::test]
async fn slow_words_come_one_by_one_and_all() {
    let served = Served::new().await;
    served.world.inject_next(["slow-words:20ms".parse().unwrap()]);
    let mut body = served.post(CHAT, asked(true)).await.bytes_stream();
    let (mut chunks, mut all) = (0, String::new());
    while let Some(chunk) = body.next().await {
        chunks += 1;
        all.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
    }
    assert!(chunks > 2, "{chunks} chunk(s)");
    assert!(all.contains("Noted.") && all.trim_end().ends_with("[DONE]"), "{all}");
}

#[tokio::test]
async fn it_can_be_asked_for_from_outside_where_the_world_is_open() {
    let served = Served::open().await;
    let waiting =
        async |what: &'static str| served.post("/model-fault", what).await.json::<Value>().await.unwrap();
    assert_eq!(waiting("429:1s 529").await["waiting"], 2);
    assert_eq!(served.post(CHAT, asked(false)).await.status(), 429);
    assert_eq!(waiting("").await["waiting"], 1);
    assert_eq!(served.post(CHAT, asked(true)).await.status(), 529);
    assert_eq!(served.post(CHAT, asked(false)).await.status(), 200);
    let refused = served.post("/model-fault", "500 flood").await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("unknown model fault `flood`"));
    assert_eq!(waiting("").await["waiting"], 0, "what is half understood is not done");
    let closed = Served::new().await;
    assert_eq!(closed.post("/model-fault", "500").await.status(), 404);
    assert_eq!(closed.post(CHAT, asked(false)).await.status(), 200);
}
