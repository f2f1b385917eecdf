//! Clients that do not send what they announced: each connection comes to its end, with an answer wherever one can arrive.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    hostile::{dialects, is_in_shape},
    support::Served,
};

/// Far more than any of this takes.
const BOUND: Duration = Duration::from_secs(60);
const CHAT: &str = "/v1/chat/completions";

async fn connect(served: &Served) -> TcpStream {
    TcpStream::connect(served.url.strip_prefix("http://").unwrap()).await.unwrap()
}

fn head(path: &str, length: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: world\r\ncontent-type: application/json\r\n{length}\r\n\r\n")
}

/// All that comes until the world ends the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = vec![];
    let read = timeout(BOUND, stream.read_to_end(&mut bytes)).await;
    read.expect("the connection ends").unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The status and the body of the first answer.
fn first(answer: &str) -> (u16, Value) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut values = serde_json::Deserializer::from_str(body).into_iter();
    (status, values.next().unwrap().unwrap())
}

/// Sends this after a head with this length, in every dialect: it is refused in its shape, and that ends the connection.
async fn assert_refused(length: &str, body: impl Fn(&Value) -> String, expected: u16) {
    let served = Served::impatient().await;
    for (path, right) in dialects("m") {
        let mut stream = connect(&served).await;
        stream.write_all((head(&path, length) + &body(&right)).as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        let (status, error) = first(&answer);
        assert_eq!(status, expected, "{path}: {error}");
        assert!(is_in_shape(&path, &error), "{path}: {error}");
        assert!(!answer.contains("Noted."), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_never_comes_whole_is_refused_after_a_while() {
    assert_refused("content-length: 1000", |_| "{\"model\":".into(), 408).await;
}

#[tokio::test]
async fn what_follows_a_body_that_was_announced_too_short_is_no_part_of_it() {
    assert_refused("content-length: 9", Value::to_string, 400).await;
}

#[tokio::test]
async fn chunks_that_are_none_are_refused() {
    assert_refused("transfer-encoding: chunked", |_| "5\r\n{\"mod\r\nzz\r\n".into(), 400).await;
}

#[tokio::test]
async fn headers_without_end_and_connections_without_a_word_come_to_their_end() {
    let served = Served::impatient().await;
    for begun in ["", "P", "POST /v1/chat/completions HTTP/1.1\r\nhost: world\r\nx-more: "] {
        let mut stream = connect(&served).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(rest(stream).await, "", "{begun:?}");
    }
    let mut stream = connect(&served).await;
    let headers: String = (0..1_000).map(|number| format!("x-{number}: y\r\n")).collect();
    stream.write_all(format!("POST {CHAT} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await.unwrap();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn a_client_that_goes_away_within_its_body_is_written_down() {
    let served = Served::impatient().await;
    let mut stream = connect(&served).await;
    stream.write_all((head(CHAT, "content-length: 1000") + "{").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    rest(stream).await;
    let lines = served.end().await.lines();
    assert_eq!((lines.len(), &lines[0]["status"]), (1, &Value::from(400)), "{lines:?}");
}

/// Sends as many bytes, or as many as the world takes.
async fn send(stream: &mut TcpStream, bytes: usize) -> std::io::Result<()> {
    let block = vec![b' '; 1 << 20];
    for _ in 0..bytes >> 20 {
        stream.write_all(&block).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_hundred_megabytes_are_refused_in_every_dialect_once_they_are_sent() {
    let served = Served::new().await;
    const BYTES: usize = 100 << 20;
    for (path, _) in dialects("m") {
        let mut stream = connect(&served).await;
        stream.write_all(head(&path, &format!("content-length: {BYTES}")).as_bytes()).await.unwrap();
        timeout(BOUND, send(&mut stream, BYTES)).await.unwrap().unwrap();
        let (status, body) = first(&rest(stream).await);
        assert_eq!(status, 413, "{path}");
        assert!(is_in_shape(&path, &body), "{path}: {body}");
    }
}

#[tokio::test]
async fn who_asks_before_he_sends_too_much_is_refused_at_once() {
    let served = Served::new().await;
    let mut stream = connect(&served).await;
    let announced = head(CHAT, "content-length: 100000000\r\nexpect: 100-continue");
    stream.write_all(announced.as_bytes()).await.unwrap();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(is_in_shape(CHAT, &first(&answer).1), "{answer}");
}

#[tokio::test]
async fn a_body_without_end_is_not_taken_for_ever() {
    let served = Served::impatient().await;
    let mut stream = connect(&served).await;
    // one chunk, longer than any client has timeouts for
    stream
        .write_all((head(CHAT, "transfer-encoding: chunked") + "fffffffffff\r\n").as_bytes())
        .await
        .unwrap();
    let sent = timeout(BOUND, send(&mut stream, 4 << 30)).await.expect("the connection ends");
    assert!(sent.is_err(), "four gigabytes were taken");
    let notes = served.end().await.lines();
    assert_eq!(notes[0]["status"], 413, "{notes:?}");
}
