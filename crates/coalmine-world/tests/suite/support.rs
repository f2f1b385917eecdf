//! A world to test, with a client.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use coalmine_world::{
    Callers, Limits, Timeouts, World, WorldConfig,
    model::{CallRule, Rule, SimulatedModel},
    serve,
};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(crate) const TOKEN: &str = "the-token";

/// A world that is served on a port of its own, and a client for it.
pub(crate) struct TestWorld {
    pub(crate) inner: Arc<World>,
    pub(crate) url: String,
    pub(crate) http: Client,
    journal: JournalText,
    serving: JoinHandle<std::io::Result<()>>,
    shutdown: CancellationToken,
}

#[derive(Default)]
struct Settings {
    open: bool,
    lenient: bool,
    timeouts: Timeouts,
    limits: Limits,
    callers: Callers,
    recall_pause: Duration,
}

/// The text that the journal has written.
#[derive(Clone, Default)]
pub(crate) struct JournalText(Arc<Mutex<Vec<u8>>>);

impl Write for JournalText {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl JournalText {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Returns rules that recall a name and a color, and commit a color to memory.
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
            recall: Some("color is (?<color>[a-z]+-[0-9]+)".into()),
            call: call("memory-read", "color"),
            otherwise: Some("I don't know your color.".into()),
            ..rule("what is my color", "Your color is {color}.")
        },
        Rule {
            read: Some("my color is (?<color>[a-z]+-[0-9]+)".into()),
            call: call("memory-write", "The color is {color}."),
            ..rule("remember", "I will remember that.")
        },
        rule("my name is", "Noted."),
    ]
}

impl TestWorld {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// Starts a world whose journal can be read and into which faults can be injected by any client.
    pub(crate) async fn start_open() -> Self {
        Self::with(Settings { open: true, ..Settings::default() }).await
    }

    /// Starts a world that answers what a real provider refuses.
    pub(crate) async fn start_lenient() -> Self {
        Self::with(Settings { lenient: true, ..Settings::default() }).await
    }

    /// Starts a world whose recalls take a while.
    pub(crate) async fn start_with_recall_pause(recall_pause: Duration) -> Self {
        Self::with(Settings { recall_pause, ..Settings::default() }).await
    }

    /// Starts a world that waits for clients only for moments.
    pub(crate) async fn start_with_short_timeouts() -> Self {
        let short = Duration::from_millis(300);
        let timeouts = Timeouts { head: short, body: short, discard: Duration::from_secs(2) };
        Self::with(Settings { timeouts, ..Settings::default() }).await
    }

    /// Starts a world that holds little.
    pub(crate) async fn start_with_limits(bytes: usize, connections: usize) -> Self {
        let limits = Limits { bytes, connections };
        let timeouts = Timeouts { discard: Duration::from_millis(300), ..Timeouts::default() };
        Self::with(Settings { limits, timeouts, ..Settings::default() }).await
    }

    /// Starts a world that only these may call.
    pub(crate) async fn start_for(callers: Callers) -> Self {
        Self::with(Settings { callers, ..Settings::default() }).await
    }

    async fn with(settings: Settings) -> Self {
        // fails if another test of this process has installed it
        let _ = rustls::crypto::ring::default_provider().install_default();
        let roles = [("memory-write", "commit_memory|memory"), ("memory-read", "recall_memory")];
        let roles = roles.map(|(role, names)| (role.to_owned(), names.into())).into();
        let journal = JournalText::default();
        let inner = World::new(WorldConfig {
            token: TOKEN.into(),
            model: SimulatedModel::new(rules(), &roles).unwrap(),
            journal: Box::new(journal.clone()),
            model_fault: None,
            journal_open: settings.open,
            timeouts: settings.timeouts,
            limits: settings.limits,
            callers: settings.callers,
            lenient: settings.lenient,
            recall_pause: settings.recall_pause,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, Arc::clone(&inner), shutdown.clone()));
        let http = Client::builder().no_proxy().build().unwrap();
        Self { inner, url, http, journal, serving, shutdown }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request =
            self.http.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        request.body(body).send().await.unwrap()
    }

    /// Sends a request with the token of the runtime.
    pub(crate) async fn as_runtime(&self, method: reqwest::Method, path: &str, body: &Value) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(TOKEN);
        request.body(body.to_string()).send().await.unwrap()
    }

    /// Asks the model, and returns the response.
    pub(crate) async fn ask(&self, body: &Value) -> Value {
        let response = self.post("/v1/chat/completions", body.to_string()).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// Stops the world, and returns its complete journal.
    pub(crate) async fn end(self) -> JournalText {
        self.shutdown.cancel();
        self.serving.await.unwrap().unwrap();
        self.inner.close().await.unwrap();
        self.journal
    }
}

pub(crate) fn prompt(messages: &[(&str, &str)]) -> Value {
    let messages: Vec<_> =
        messages.iter().map(|(role, content)| json!({ "role": role, "content": content })).collect();
    json!({ "model": "some-model", "messages": messages })
}
