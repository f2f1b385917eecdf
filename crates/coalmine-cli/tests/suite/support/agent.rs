//! A small A2A server whose answers a test decides.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Returns the answer to a JSON-RPC request, without `jsonrpc` and `id`: its `result`, or its `error`.
type Answering = Arc<dyn Fn(Value) -> BoxFuture<'static, Value> + Send + Sync>;

/// A running server, which stops when it is dropped.
pub(crate) struct AgentServer {
    pub(crate) url: String,
    accepting: JoinHandle<()>,
}

impl AgentServer {
    /// Starts a server with a valid card.
    pub(crate) async fn start<A, F>(answer: A) -> Self
    where
        A: Fn(Value) -> F + Send + Sync + 'static,
        F: Future<Output = Value> + Send + 'static,
    {
        Self::with_card(|_| {}, answer).await
    }

    /// Starts a server with a card that `change` has changed.
    pub(crate) async fn with_card<A, F>(change: impl FnOnce(&mut Value), answer: A) -> Self
    where
        A: Fn(Value) -> F + Send + Sync + 'static,
        F: Future<Output = Value> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let mut card = json!({
            "name": "agent", "description": "d", "version": "1", "url": url, "protocolVersion": "0.3.0",
            "preferredTransport": "JSONRPC", "capabilities": {}, "skills": [],
            "defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"],
        });
        change(&mut card);
        let answer: Answering = Arc::new(move |request| Box::pin(answer(request)));
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // errors only mean that the client hung up
                tokio::spawn(serve(socket, card.clone(), Arc::clone(&answer)));
            }
        });
        Self { url, accepting }
    }
}

impl Drop for AgentServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Answers one request.
async fn serve(socket: TcpStream, card: Value, answer: Answering) -> Option<()> {
    let mut socket = BufReader::new(socket);
    let (mut head, mut line, mut length) = (String::new(), "…".to_owned(), 0);
    socket.read_line(&mut head).await.ok()?;
    while !line.trim().is_empty() {
        line.clear();
        socket.read_line(&mut line).await.ok()?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    let (status, answer) = if head.starts_with("GET /.well-known/agent-card.json ") {
        (200, card)
    } else if head.starts_with("POST / ") {
        let request: Value = serde_json::from_slice(&body).ok()?;
        let id = request["id"].clone();
        let mut answer = answer(request).await;
        (answer["jsonrpc"], answer["id"]) = ("2.0".into(), id);
        (200, answer)
    } else {
        (404, json!({}))
    };
    let answer = answer.to_string();
    let head = super::head(status, "application/json") + &format!("content-length: {}\r\n\r\n", answer.len());
    socket.get_mut().write_all((head + &answer).as_bytes()).await.ok()
}

/// Asks the model of the world at an address, and returns its message.
pub(crate) async fn ask_model(world: &str, messages: &[Value], tools: &[Value]) -> Value {
    // a second installation changes nothing
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut body = json!({"model": "gpt-4o", "messages": messages});
    if !tools.is_empty() {
        body["tools"] = tools.into();
    }
    let request = http.post(format!("http://{world}/v1/chat/completions")).bearer_auth("not-a-key");
    let request = request.header("content-type", "application/json").body(body.to_string());
    let answered = request.send().await.unwrap().bytes().await.unwrap();
    let answered: Value = serde_json::from_slice(&answered).unwrap();
    answered["choices"][0]["message"].clone()
}
