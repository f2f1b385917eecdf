//! What a runtime can make the world hold is bounded, whichever way it is sent.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    invalid_requests::{dialects, is_in_shape},
    support::{TOKEN, TestWorld, prompt},
};

const MB: usize = 1 << 20;
const MEMORIES: &str = "/workspaces/w1/memories";
const UPLOADS: &str = "/workspaces/w1/chat/uploads";

async fn connect(world: &TestWorld) -> TcpStream {
    TcpStream::connect(world.url.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Asks the model with this much text, and returns the status.
async fn ask(world: &TestWorld, bytes: usize) -> StatusCode {
    let body = prompt(&[("user", &format!("my name is Tepuz-4305 {}", "x".repeat(bytes)))]);
    world.post("/v1/chat/completions", body.to_string()).await.status()
}

#[tokio::test]
async fn bodies_in_flight_share_the_budget() {
    let world = TestWorld::start_with_limits(4 * MB, 100).await;
    let mut held = vec![];
    for _ in 0..3 {
        let mut stream = connect(&world).await;
        let head =
            format!("POST /v1/chat/completions HTTP/1.1\r\nhost: w\r\ncontent-length: {}\r\n\r\n", 2 * MB);
        stream.write_all(head.as_bytes()).await.unwrap();
        // fails if it is refused meanwhile
        let _ = stream.write_all(&vec![b' '; 3 * MB / 2]).await;
        held.push(stream);
    }
    // one of the three does not fit; it is answered although its body never ends
    let mut answers = vec![];
    for mut stream in held {
        let mut answer = vec![0; 12];
        if timeout(Duration::from_secs(2), stream.read_exact(&mut answer))
            .await
            .is_ok_and(|read| read.is_ok())
        {
            answers.push(String::from_utf8(answer).unwrap());
        }
    }
    assert_eq!(answers, ["HTTP/1.1 503"]);
    assert_eq!(world.inner.refused_as_too_much(), 1);
}

#[tokio::test]
async fn every_dialect_refuses_in_its_words_and_recovers() {
    let world = TestWorld::start_with_limits(MB, 100).await;
    for (path, valid) in dialects("m") {
        let large = valid.to_string().replace("my name", &format!("{} my name", "x".repeat(MB)));
        let response = world.post(&path, large).await;
        assert_eq!(response.status(), 503, "{path}");
        let error: Value = response.json().await.unwrap();
        assert!(is_in_shape(&path, &error), "{path}: {error}");
        assert_eq!(world.post(&path, valid.to_string()).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn prompts_are_held_as_long_as_somebody_looks_at_them() {
    let world = TestWorld::start_with_limits(4 * MB, 100).await;
    let mark = world.inner.journal_position();
    let statuses = [ask(&world, MB).await, ask(&world, MB).await, ask(&world, 2 * MB).await];
    assert_eq!(statuses.map(|status| status.as_u16()), [200, 200, 503]);
    let calls = world.inner.calls_since(mark);
    let notes: Vec<_> = calls.iter().map(|call| (call.status, call.content.prompt.is_some())).collect();
    assert_eq!(notes, [(200, true), (200, true), (503, false)]);
}

#[tokio::test]
async fn small_values_weigh_what_they_take() {
    let world = TestWorld::start_with_limits(8 * MB, 100).await;
    let schema: Vec<_> = (0..40_000).map(|_| json!({ "a": 1 })).collect();
    let mut body = prompt(&[("user", "my name is Tepuz-4305")]);
    let parameters = json!({ "type": "object", "x": schema });
    body["tools"] = json!([{ "type": "function", "function": { "name": "f", "parameters": parameters } }]);
    let body = body.to_string();
    assert!(body.len() < MB);
    assert_ne!(world.post("/v1/chat/completions", body).await.status(), 200);
}

#[tokio::test]
async fn memories_are_bounded_in_bytes_and_shared() {
    let world = TestWorld::start_with_limits(4 * MB, 100).await;
    let memory = json!({ "content": "x".repeat(MB) });
    let mut statuses = vec![];
    for _ in 0..4 {
        statuses.push(world.as_runtime(Method::POST, MEMORIES, &memory).await.status().as_u16());
    }
    assert_eq!(statuses[..2], [201, 201], "{statuses:?}");
    assert_ne!(statuses[3], 201, "{statuses:?}");
    let (first, second) = (world.inner.memories(), world.inner.memories());
    assert!(std::ptr::eq(&*first[0].content, &*second[0].content), "it is not copied");
    assert!(world.inner.refused_as_too_much() > 0);
    // too large to be sent beside what is held
    assert_eq!(world.as_runtime(Method::GET, MEMORIES, &Value::Null).await.status(), 503);
}

#[tokio::test]
async fn uploads_are_bounded_in_bytes() {
    let world = TestWorld::start_with_limits(4 * MB, 100).await;
    let head = "--e\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    let form = format!("{head}{}\r\n--e--\r\n", "x".repeat(MB));
    let mut statuses = vec![];
    for _ in 0..4 {
        let request = world.http.post(format!("{}{UPLOADS}", world.url)).bearer_auth(TOKEN);
        let request = request.header("content-type", "multipart/form-data; boundary=e").body(form.clone());
        statuses.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 507, 507]);
    assert!(world.inner.upload("w1", "own.txt", vec![b'x'; 3 * MB].into()).is_none());
}

#[tokio::test]
async fn stored_responses_and_provider_files_are_bounded_in_bytes() {
    let world = TestWorld::start_with_limits(4 * MB, 100).await;
    let head = "--e\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nuser_data\r\n\
                --e\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    let form = format!("{head}{}\r\n--e--\r\n", "x".repeat(MB));
    let request = world.http.post(format!("{}/v1/files", world.url));
    let request = request.header("content-type", "multipart/form-data; boundary=e").body(form);
    assert_eq!(request.send().await.unwrap().status(), 200);
    // with the file, there is room for a prompt in the journal or in the store of responses, but not in both
    let body = json!({ "model": "m", "input": "x".repeat(7 * MB / 4) });
    assert_eq!(world.post("/v1/responses", body.to_string()).await.status(), 503);
    assert_eq!(
        world.ask(&prompt(&[("user", "my name is X")])).await["choices"][0]["message"]["content"],
        "Noted."
    );
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed() {
    let world = TestWorld::start_with_limits(MB, 2).await;
    let request = b"GET /v1/models HTTP/1.1\r\nhost: w\r\n\r\n";
    let mut open = vec![];
    for _ in 0..2 {
        let mut stream = connect(&world).await;
        stream.write_all(request).await.unwrap();
        stream.read_exact(&mut [0; 12]).await.unwrap();
        open.push(stream);
    }
    let mut third = connect(&world).await;
    let _ = third.write_all(request).await;
    let read = timeout(Duration::from_secs(9), third.read(&mut [0; 9])).await.expect("the connection ends");
    assert!(read.is_err() || read.is_ok_and(|bytes| bytes == 0));
    assert_eq!(world.inner.refused_as_too_much(), 1);
    drop(open);
    // the world notices the free places in a moment
    timeout(Duration::from_secs(9), async {
        while world.http.get(format!("{}/v1/models", world.url)).send().await.is_err() {}
    })
    .await
    .expect("there is room again");
}

#[tokio::test]
async fn long_answers_to_small_requests_are_refused() {
    let world = TestWorld::start().await;
    let texts = vec![""; 100_000];
    let moderated = world.post("/v1/moderations", json!({ "input": texts }).to_string()).await;
    assert_eq!(moderated.status(), 400);
    let body = json!({ "model": "m", "input": vec!["a"; 2_048], "dimensions": 4_096 });
    assert_eq!(world.post("/v1/embeddings", body.to_string()).await.status(), 413);
    let mut long = prompt(&[("user", "my name is Tepuz-4305")]);
    long["model"] = "m".repeat(10 * MB).into();
    assert_eq!(world.post("/v1/chat/completions", long.to_string()).await.status(), 413);
}
