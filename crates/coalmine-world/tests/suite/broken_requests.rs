//! Clients that do not send what they announced: every connection ends, with a response if it can still arrive.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    invalid_requests::{dialects, is_in_shape},
    support::TestWorld,
};

/// Far longer than any of these tests takes.
const BOUND: Duration = Duration::from_secs(60);
const CHAT: &str = "/v1/chat/completions";

async fn connect(world: &TestWorld) -> TcpStream {
    TcpStream::connect(world.url.strip_prefix("http://").unwrap()).await.unwrap()
}

fn head(path: &str, length: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: world\r\ncontent-type: application/json\r\n{length}\r\n\r\n")
}

/// Reads until the world closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = vec![];
    let read = timeout(BOUND, stream.read_to_end(&mut bytes)).await;
    read.expect("the connection ends").unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Returns the status and the body of the first response.
fn first_response(answer: &str) -> (u16, Value) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut values = serde_json::Deserializer::from_str(body).into_iter();
    (status, values.next().unwrap().unwrap())
}

/// Sends a body after a head with this length, in every dialect, and checks that the vendor's error ends the
/// connection.
async fn assert_refused(length: &str, body: impl Fn(&Value) -> String, expected: u16) {
    let world = TestWorld::start_with_short_timeouts().await;
    for (path, valid) in dialects("m") {
        let mut stream = connect(&world).await;
        stream.write_all((head(&path, length) + &body(&valid)).as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        let (status, error) = first_response(&answer);
        assert_eq!(status, expected, "{path}: {error}");
        assert!(is_in_shape(&path, &error), "{path}: {error}");
        assert!(!answer.contains("Noted."), "{path}: {answer}");
    }
}

#[tokio::test]
async fn refuses_incomplete_bodies_after_a_while() {
    assert_refused("content-length: 1000", |_| "{\"model\":".into(), 408).await;
}

#[tokio::test]
async fn ignores_bytes_beyond_the_announced_length() {
    assert_refused("content-length: 9", Value::to_string, 400).await;
}

#[tokio::test]
async fn refuses_invalid_chunks() {
    assert_refused("transfer-encoding: chunked", |_| "5\r\n{\"mod\r\nzz\r\n".into(), 400).await;
}

#[tokio::test]
async fn closes_idle_connections_and_endless_headers() {
    let world = TestWorld::start_with_short_timeouts().await;
    for begun in ["", "P", "POST /v1/chat/completions HTTP/1.1\r\nhost: world\r\nx-more: "] {
        let mut stream = connect(&world).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(rest(stream).await, "", "{begun:?}");
    }
    let mut stream = connect(&world).await;
    let headers: String = (0..1_000).map(|number| format!("x-{number}: y\r\n")).collect();
    stream.write_all(format!("POST {CHAT} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await.unwrap();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn records_clients_that_leave_early() {
    let world = TestWorld::start_with_short_timeouts().await;
    let mut stream = connect(&world).await;
    stream.write_all((head(CHAT, "content-length: 1000") + "{").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    rest(stream).await;
    let lines = world.end().await.lines();
    assert_eq!((lines.len(), &lines[0]["status"]), (1, &Value::from(400)), "{lines:?}");
}

/// Sends a number of bytes, or as many as the world accepts.
async fn send(stream: &mut TcpStream, bytes: usize) -> std::io::Result<()> {
    let block = vec![b' '; 1 << 20];
    for _ in 0..bytes >> 20 {
        stream.write_all(&block).await?;
    }
    Ok(())
}

#[tokio::test]
async fn refuses_large_bodies_after_they_are_sent() {
    let world = TestWorld::start().await;
    const BYTES: usize = 100 << 20;
    for (path, _) in dialects("m") {
        let mut stream = connect(&world).await;
        stream.write_all(head(&path, &format!("content-length: {BYTES}")).as_bytes()).await.unwrap();
        timeout(BOUND, send(&mut stream, BYTES)).await.unwrap().unwrap();
        let (status, body) = first_response(&rest(stream).await);
        assert_eq!(status, 413, "{path}");
        assert!(is_in_shape(&path, &body), "{path}: {body}");
    }
}

#[tokio::test]
async fn refuses_large_bodies_early_on_expect() {
    let world = TestWorld::start().await;
    let mut stream = connect(&world).await;
    let announced = head(CHAT, "content-length: 100000000\r\nexpect: 100-continue");
    stream.write_all(announced.as_bytes()).await.unwrap();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(is_in_shape(CHAT, &first_response(&answer).1), "{answer}");
}

#[tokio::test]
async fn stops_reading_endless_bodies() {
    let world = TestWorld::start_with_short_timeouts().await;
    let mut stream = connect(&world).await;
    // a single chunk, longer than any client would send
    stream
        .write_all((head(CHAT, "transfer-encoding: chunked") + "fffffffffff\r\n").as_bytes())
        .await
        .unwrap();
    let sent = timeout(BOUND, send(&mut stream, 4 << 30)).await.expect("the connection ends");
    assert!(sent.is_err(), "four gigabytes were accepted");
    let notes = world.end().await.lines();
    assert_eq!(notes[0]["status"], 413, "{notes:?}");
}
