//! A runtime that sends what a real model provider refuses.

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::support::{Live, Place, free_address, verdicts};

/// Passes every call on to the world, without the name of its model.
async fn pass_on(socket: TcpStream, world: String) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let (mut line, mut length) = (String::new(), 0);
    socket.read_line(&mut line).await?;
    while line.trim() != "" {
        line.clear();
        socket.read_line(&mut line).await?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    let mut request: Value = serde_json::from_slice(&body)?;
    request["model"] = "".into();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent =
        http.post(format!("http://{world}/v1/chat/completions")).body(request.to_string()).send().await;
    let answer = sent.unwrap();
    let (status, kind) = (answer.status(), answer.headers()["content-type"].to_str().unwrap().to_owned());
    let answer = answer.bytes().await.unwrap();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    socket.write_all(&[head.as_bytes(), &answer].concat()).await
}

/// A reference runtime whose calls reach a world under that address without the name of a model.
async fn careless(place: &Place, world: &str) -> (Live, String) {
    // it is installed already where tests share a process
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let model = format!("http://{}/v1", listener.local_addr().unwrap());
    let world = world.to_owned();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(pass_on(socket, world.clone()));
        }
    });
    place.serve_runtime(&[("OPENAI_BASE_URL", &model), ("OPENAI_API_KEY", "not-a-key")]).await
}

#[tokio::test]
async fn fails_where_the_world_is_strict_and_gets_a_finding_where_it_is_lenient() {
    let (place, world) = (Place::new(), free_address());
    let (_runtime, url) = careless(&place, &world).await;
    let arguments = ["--url", &url, "--world", &world, "--canary", "name-recall"];
    place.run(&arguments).await.code(1);
    place.run(&[&arguments[..], &["--lenient"]].concat()).await.code(0);
    assert_eq!(verdicts(&place.summary()), [("name-recall".to_owned(), "pass".to_owned())]);
    let events = std::fs::read_to_string(place.path("out/events.ndjson")).unwrap();
    let told: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = told.iter().filter(|event| event["event"] == "finding").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["code"], "provider.lenient");
    let sentence = told[0]["sentence"].as_str().unwrap();
    assert!(sentence.ends_with(": you must provide a model parameter"), "{sentence}");
    assert_eq!(told[0]["canary"], "name-recall");
}
