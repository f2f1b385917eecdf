//! A runtime whose workers do not share their sessions: which worker answers depends on the connection.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::support::{Sandbox, codes, free_address};

/// The time in which a server with a rate counts its messages.
const WINDOW: Duration = Duration::from_secs(3);

/// The messages of each context, as one worker knows them.
type Sessions = Mutex<HashMap<String, Vec<Value>>>;

/// An A2A server with several workers, each with sessions of its own. A connection belongs to one of them.
struct Workers {
    url: String,
    accepting: JoinHandle<()>,
}

/// What the workers share.
struct Shared {
    url: String,
    model: String,
    http: reqwest::Client,
    workers: Vec<Sessions>,
    /// How many messages are taken in a window, if not any number.
    rate: Option<usize>,
    /// When messages were taken.
    taken: Mutex<Vec<Instant>>,
}

impl Shared {
    /// Returns whether another message is taken, and counts it.
    fn takes(&self) -> bool {
        let mut taken = self.taken.lock().unwrap();
        taken.retain(|at| at.elapsed() < WINDOW);
        let takes = self.rate.is_none_or(|rate| taken.len() < rate);
        if takes {
            taken.push(Instant::now());
        }
        takes
    }
}

impl Workers {
    /// Starts a server. `pick` chooses the worker of a connection by its number.
    async fn start(
        world: &str,
        workers: usize,
        rate: Option<usize>,
        pick: impl Fn(usize) -> usize + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        // a second installation changes nothing
        let _ = rustls::crypto::ring::default_provider().install_default();
        let shared = Arc::new(Shared {
            url: url.clone(),
            model: format!("http://{world}/v1/chat/completions"),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            workers: (0..workers).map(|_| Sessions::default()).collect(),
            rate,
            taken: Mutex::default(),
        });
        let accepted = AtomicUsize::new(0);
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let worker = pick(accepted.fetch_add(1, Ordering::Relaxed)) % workers;
                // errors only mean that the client hung up
                tokio::spawn(serve(socket, Arc::clone(&shared), worker));
            }
        });
        Self { url, accepting }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves a connection until the client closes it.
async fn serve(socket: TcpStream, shared: Arc<Shared>, worker: usize) -> Option<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        socket.read_line(&mut head).await.ok().filter(|read| *read > 0)?;
        loop {
            let mut line = String::new();
            socket.read_line(&mut line).await.ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        socket.read_exact(&mut body).await.ok()?;
        let (status, answer) = if head.starts_with("GET /.well-known/agent-card.json ") {
            (200, card(&shared.url))
        } else if head.starts_with("POST ") {
            (200, answer(&serde_json::from_slice(&body).ok()?, &shared, worker).await?)
        } else {
            (404, json!({}))
        };
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} Whatever\r\ncontent-type: application/json\r\nretry-after: 2\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        socket.get_mut().write_all((head + &answer).as_bytes()).await.ok()?;
    }
}

async fn answer(request: &Value, shared: &Shared, worker: usize) -> Option<Value> {
    if !shared.takes() {
        let error = json!({"code": -32000, "message": "Rate limit exceeded: too many messages"});
        return Some(json!({"jsonrpc": "2.0", "id": request["id"], "error": error}));
    }
    let message = &request["params"]["message"];
    let context = message["contextId"].as_str().unwrap_or("none").to_owned();
    let text = message["parts"][0]["text"].as_str()?;
    let sessions = &shared.workers[worker];
    let messages = {
        let mut sessions = sessions.lock().unwrap();
        let session = sessions.entry(context.clone()).or_default();
        session.push(json!({"role": "user", "content": text}));
        session.clone()
    };
    let asked = json!({"model": "gpt-4o", "messages": messages});
    let request_to_model = shared.http.post(&shared.model).bearer_auth("not-a-key").body(asked.to_string());
    let answered = request_to_model.header("content-type", "application/json").send().await.ok()?;
    let answered: Value = serde_json::from_slice(&answered.bytes().await.ok()?).ok()?;
    let reply = answered["choices"][0]["message"]["content"].as_str()?.to_owned();
    if let Some(session) = sessions.lock().unwrap().get_mut(&context) {
        session.push(json!({"role": "assistant", "content": reply}));
    }
    Some(json!({"jsonrpc": "2.0", "id": request["id"], "result": {
        "kind": "message", "messageId": format!("reply-{}", messages.len()), "role": "agent", "contextId": context,
        "parts": [{"kind": "text", "text": reply}],
    }}))
}

fn card(url: &str) -> Value {
    json!({
        "name": "workers", "description": "d", "version": "1", "url": url, "protocolVersion": "0.3.0",
        "preferredTransport": "JSONRPC", "capabilities": {}, "skills": [],
        "defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"],
    })
}

/// Spreads connections as a kernel does that hashes their ports: without an order.
fn by_chance(seed: u64, connection: usize) -> usize {
    let mixed = (connection as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) as usize
}

/// Runs a canary against workers and returns the codes of its diagnoses.
async fn judged(canary: &str, workers: usize, pick: impl Fn(usize) -> usize + Send + 'static) -> Vec<String> {
    let (sandbox, world) = (Sandbox::new(), free_address());
    let server = Workers::start(&world, workers, None, pick).await;
    let done = sandbox.run(&["--url", &server.url, "--world", &world, "--canary", canary]).await;
    let codes = codes(&sandbox.summary());
    done.code(i32::from(!codes.is_empty()));
    codes
}

#[tokio::test]
async fn workers_that_share_no_sessions_are_found_each_time() {
    for seed in 0..20 {
        let codes = judged("name-recall", 3, move |connection| by_chance(seed, connection)).await;
        assert_eq!(codes, ["session.per-connection"], "{seed}");
    }
    assert_eq!(judged("name-recall", 2, |connection| connection).await, ["session.per-connection"]);
}

#[tokio::test]
async fn single_worker_passes() {
    assert!(judged("name-recall,same-context-twice", 1, |_| 0).await.is_empty());
}

#[tokio::test]
async fn refusals_for_rate_are_waited_out_or_avoided() {
    let waited = |summary: &Value| {
        let findings = summary["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["code"] == "drift.asked-to-wait")
    };
    for (profile, expected) in [("name = \"fast\"\n", true), ("name = \"slow\"\nrate = \"3/s\"\n", false)] {
        let (sandbox, world) = (Sandbox::new(), free_address());
        let server = Workers::start(&world, 1, Some(9), |_| 0).await;
        std::fs::write(sandbox.path("a.toml"), profile).unwrap();
        let canary = ["--profile", "a.toml", "--canary", "name-recall"];
        sandbox.run(&[&["--url", &server.url, "--world", &world], &canary[..]].concat()).await.code(0);
        assert_eq!(waited(&sandbox.summary()), expected, "{profile}");
    }
}

#[tokio::test]
async fn loss_over_every_connection_keeps_its_name() {
    let (sandbox, fault) = (Sandbox::new(), "prompt.history-dropped");
    sandbox.run(&["--fault", fault, "--canary", "name-recall"]).await.code(1);
    assert_eq!(codes(&sandbox.summary()), ["prompt.history-missing"]);
}
