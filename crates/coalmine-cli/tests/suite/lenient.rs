//! A runtime that sends what a real model provider rejects.

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::support::{Child, Sandbox, free_address, verdicts};

/// Forwards a call to the world, without the name of its model.
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

/// Starts a reference runtime whose calls reach the world at this address without the name of a model.
async fn careless(sandbox: &Sandbox, world: &str) -> (Child, String) {
    // fails if another test of this process has installed it
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let model = format!("http://{}/v1", listener.local_addr().unwrap());
    let world = world.to_owned();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(pass_on(socket, world.clone()));
        }
    });
    sandbox.serve_runtime(&[("OPENAI_BASE_URL", &model), ("OPENAI_API_KEY", "not-a-key")]).await
}

#[tokio::test]
async fn strict_world_fails_and_lenient_world_reports_a_finding() {
    let (sandbox, world) = (Sandbox::new(), free_address());
    let (_runtime, url) = careless(&sandbox, &world).await;
    let arguments = ["--url", &url, "--world", &world, "--canary", "name-recall"];
    sandbox.run(&arguments).await.code(1);
    sandbox.run(&[&arguments[..], &["--lenient"]].concat()).await.code(0);
    assert_eq!(verdicts(&sandbox.summary()), [("name-recall".to_owned(), "pass".to_owned())]);
    let events = std::fs::read_to_string(sandbox.path("out/events.ndjson")).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let findings: Vec<_> = events.iter().filter(|event| event["event"] == "finding").collect();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["code"], "provider.lenient");
    let sentence = findings[0]["sentence"].as_str().unwrap();
    assert!(sentence.ends_with(": you must provide a model parameter"), "{sentence}");
    assert_eq!(findings[0]["canary"], "name-recall");
}
