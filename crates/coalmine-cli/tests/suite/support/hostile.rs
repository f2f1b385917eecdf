//! A hostile A2A server: its agent card is valid, and its answers are attacks.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{Duration, interval},
};

/// What the server answers.
#[derive(Debug, Clone)]
pub(crate) enum Attack {
    /// Sends `head` and `first`, and repeats `again` until the client hangs up; an empty `again` ends it.
    Flood { head: String, first: String, again: String },
    /// Sends `head`, and repeats `text` with a byte every tenth of a second.
    Drip { head: String, text: String },
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Sends a status, a content type and a body, in which `{id}` and `{context}` are those of the request.
    Whole(u16, &'static str, String),
    /// Resets the connection.
    Reset,
}

/// A running server, which stops when it is dropped.
pub(crate) struct HostileServer {
    pub(crate) url: String,
    accepting: JoinHandle<()>,
}

impl HostileServer {
    /// Starts a server with a valid card that answers every POST with this attack.
    pub(crate) async fn answering(attack: Attack) -> Self {
        Self::start(None, attack).await
    }

    /// Starts a server that answers the request for its card with this attack.
    pub(crate) async fn with_card(card: Attack) -> Self {
        Self::start(Some(card), Attack::Reset).await
    }

    /// Starts a server that answers the request for its card and every other request with these attacks.
    pub(crate) async fn start(card: Option<Attack>, answer: Attack) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let card =
            card.unwrap_or_else(|| Attack::Whole(200, "application/json", good_card(&url).to_string()));
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (card, answer) = (card.clone(), answer.clone());
                // errors only mean that the client hung up
                tokio::spawn(async move { converse(socket, card, answer).await.ok() });
            }
        });
        Self { url, accepting }
    }
}

impl Drop for HostileServer {
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

async fn converse(socket: TcpStream, card: Attack, answer: Attack) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let (mut line, mut length) = (String::new(), 0);
    socket.read_line(&mut line).await?;
    let attack = if line.starts_with("GET /.well-known/agent-card.json ") { card } else { answer };
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
    match attack {
        Attack::Whole(..) | Attack::Reset if is_get && length > 0 => Ok(()),
        Attack::Reset => socket.set_zero_linger(),
        Attack::Raw(bytes) => socket.write_all(&bytes).await,
        Attack::Whole(status, kind, body) => {
            let body = fill(&body);
            let head = head(status, kind) + &format!("content-length: {}\r\n\r\n", body.len());
            socket.write_all((head + &body).as_bytes()).await
        }
        Attack::Flood { head, first, again } => {
            socket.write_all((head + &fill(&first)).as_bytes()).await?;
            let piece = fill(&again).repeat((1 << 16) / again.len().max(1));
            while !piece.is_empty() {
                socket.write_all(piece.as_bytes()).await?;
            }
            Ok(())
        }
        Attack::Drip { head, text } => {
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

/// Returns the head of an answer, without the final empty line, so that headers can follow.
pub(crate) fn head(status: u16, kind: &str) -> String {
    format!("HTTP/1.1 {status} Whatever\r\nconnection: close\r\ncontent-type: {kind}\r\n")
}
