//! A world that is served, and a client that hides nothing.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use coalmine_world::{
    Timeouts, World, WorldConfig,
    model::{CallRule, Rule, SimulatedModel},
    serve,
};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(crate) const TOKEN: &str = "the-token";

pub(crate) struct Served {
    pub(crate) world: Arc<World>,
    pub(crate) url: String,
    pub(crate) http: Client,
    pub(crate) written: Written,
    serving: JoinHandle<std::io::Result<()>>,
    shutdown: CancellationToken,
}

/// How a world behaves.
#[derive(Default)]
struct Manner {
    open: bool,
    lenient: bool,
    timeouts: Timeouts,
}

/// What the journal wrote.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Knows a name that was told, and keeps what it is asked to remember.
fn rules() -> Vec<Rule> {
    let rule = |when: &str, reply: &str| Rule { when: when.into(), reply: reply.into(), ..Rule::default() };
    let call = |role: &str, with: &str| {
        Some(CallRule { role: role.into(), with: with.into(), ..CallRule::default() })
    };
    vec![
        Rule {
            recall: Some("my name is (?<name>[A-Z][a-z]+-[0-9]+)".into()),
            otherwise: Some("I don't know your name.".into()),
            ..rule("what's my name", "Your name is {name}.")
        },
        Rule {
            recall: Some("colour is (?<colour>[a-z]+-[0-9]+)".into()),
            call: call("memory-read", "colour"),
            otherwise: Some("I don't know your colour.".into()),
            ..rule("what is my colour", "Your colour is {colour}.")
        },
        Rule {
            read: Some("my colour is (?<colour>[a-z]+-[0-9]+)".into()),
            call: call("memory-write", "The colour is {colour}."),
            ..rule("remember", "I will remember that.")
        },
        rule("my name is", "Noted."),
    ]
}

impl Served {
    pub(crate) async fn new() -> Self {
        Self::with(Manner::default()).await
    }

    /// One that can be looked into and disturbed from outside.
    pub(crate) async fn open() -> Self {
        Self::with(Manner { open: true, ..Manner::default() }).await
    }

    /// One that answers what a real provider refuses.
    pub(crate) async fn lenient() -> Self {
        Self::with(Manner { lenient: true, ..Manner::default() }).await
    }

    /// One that does not wait long for what its clients do not send.
    pub(crate) async fn impatient() -> Self {
        let short = Duration::from_millis(300);
        let timeouts = Timeouts { head: short, body: short, discard: Duration::from_secs(2) };
        Self::with(Manner { timeouts, ..Manner::default() }).await
    }

    async fn with(manner: Manner) -> Self {
        // it is installed already where tests share a process
        let _ = rustls::crypto::ring::default_provider().install_default();
        let roles = [("memory-write", "commit_memory"), ("memory-read", "recall_memory")];
        let roles = roles.map(|(role, names)| (role.to_owned(), names.to_owned())).into();
        let written = Written::default();
        let world = World::new(WorldConfig {
            token: TOKEN.into(),
            model: SimulatedModel::new(rules(), &roles).unwrap(),
            journal: Box::new(written.clone()),
            model_fault: None,
            journal_open: manner.open,
            timeouts: manner.timeouts,
            lenient: manner.lenient,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, Arc::clone(&world), shutdown.clone()));
        let http = Client::builder().no_proxy().build().unwrap();
        Self { world, url, http, written, serving, shutdown }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request =
            self.http.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        request.body(body).send().await.unwrap()
    }

    /// The same with the token.
    pub(crate) async fn as_runtime(&self, method: reqwest::Method, path: &str, body: &Value) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(TOKEN);
        request.body(body.to_string()).send().await.unwrap()
    }

    /// Asks the model, and gives the whole answer.
    pub(crate) async fn ask(&self, body: &Value) -> Value {
        let response = self.post("/v1/chat/completions", body.to_string()).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// Ends it, and completes the journal.
    pub(crate) async fn end(self) -> Written {
        self.shutdown.cancel();
        self.serving.await.unwrap().unwrap();
        self.world.close().await.unwrap();
        self.written
    }
}

pub(crate) fn prompt(messages: &[(&str, &str)]) -> Value {
    let messages: Vec<_> =
        messages.iter().map(|(role, content)| json!({ "role": role, "content": content })).collect();
    json!({ "model": "some-model", "messages": messages })
}
