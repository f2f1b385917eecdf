//! An A2A server with a card that looks right, and answers that do not.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{Duration, interval},
};

/// What it does to whoever asks.
#[derive(Debug, Clone)]
pub(crate) enum Misdeed {
    /// Answers with this, over and over until the client hangs up; an empty piece ends it.
    Flood { head: String, first: String, again: String },
    /// The same, a byte every tenth of a second.
    Drip { head: String, text: String },
    /// Answers with these bytes and closes.
    Raw(Vec<u8>),
    /// Answers with a status, a content type and a body; `{id}` and `{context}` are those of the request.
    Whole(u16, &'static str, String),
    /// Resets the connection.
    Reset,
}

/// Ends with the test.
pub(crate) struct Hostile {
    pub(crate) url: String,
    accepting: JoinHandle<()>,
}

impl Hostile {
    /// A good card, and this for an answer to everything posted.
    pub(crate) async fn answering(misdeed: Misdeed) -> Self {
        Self::start(None, misdeed).await
    }

    /// This for a card.
    pub(crate) async fn with_card(card: Misdeed) -> Self {
        Self::start(Some(card), Misdeed::Reset).await
    }

    async fn start(card: Option<Misdeed>, answer: Misdeed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let card =
            card.unwrap_or_else(|| Misdeed::Whole(200, "application/json", good_card(&url).to_string()));
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (card, answer) = (card.clone(), answer.clone());
                // who is hostile does not care that the other side hung up
                tokio::spawn(async move { converse(socket, card, answer).await.ok() });
            }
        });
        Self { url, accepting }
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn good_card(url: &str) -> Value {
    json!({
        "name": "\u{1b}]0;owned\u{7}\u{9b}31m::error::card\u{202e}]]>", "description": "d", "version": "1", "url": url,
        "protocolVersion": "0.3.0", "preferredTransport": "JSONRPC", "capabilities": {}, "skills": [],
        "defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"],
    })
}

async fn converse(socket: TcpStream, card: Misdeed, answer: Misdeed) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let (mut line, mut length) = (String::new(), 0);
    socket.read_line(&mut line).await?;
    let misdeed = if line.starts_with("GET /.well-known/agent-card.json ") { card } else { answer };
    let is_get = line.starts_with("GET ");
    while line.trim() != "" {
        line.clear();
        socket.read_line(&mut line).await?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let fill = |text: &str| {
        let context =
            request.pointer("/params/message/contextId").and_then(Value::as_str).unwrap_or_default();
        text.replace("{id}", request["id"].as_str().unwrap_or_default()).replace("{context}", context)
    };
    let socket = socket.get_mut();
    match misdeed {
        Misdeed::Whole(..) | Misdeed::Reset if is_get && length > 0 => Ok(()),
        Misdeed::Reset => socket.set_zero_linger(),
        Misdeed::Raw(bytes) => socket.write_all(&bytes).await,
        Misdeed::Whole(status, kind, body) => {
            let body = fill(&body);
            let head = head(status, kind) + &format!("content-length: {}\r\n\r\n", body.len());
            socket.write_all((head + &body).as_bytes()).await
        }
        Misdeed::Flood { head, first, again } => {
            socket.write_all((head + &fill(&first)).as_bytes()).await?;
            let piece = fill(&again).repeat((1 << 16) / again.len().max(1));
            while !piece.is_empty() {
                socket.write_all(piece.as_bytes()).await?;
            }
            Ok(())
        }
        Misdeed::Drip { head, text } => {
            socket.write_all(head.as_bytes()).await?;
            let mut ticks = interval(Duration::from_millis(100));
            for byte in fill(&text).bytes().cycle() {
                ticks.tick().await;
                socket.write_all(&[byte]).await?;
            }
            Ok(())
        }
    }
}

/// The beginning of an answer; more headers or an empty line may follow.
pub(crate) fn head(status: u16, kind: &str) -> String {
    format!("HTTP/1.1 {status} Whatever\r\nconnection: close\r\ncontent-type: {kind}\r\n")
}
