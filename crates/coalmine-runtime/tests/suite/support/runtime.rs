//! A runtime under test, and a client that shows the raw answers.

use std::{path::Path, sync::Arc, time::Duration};

use coalmine_runtime::{Config, ServeError, serve};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use reqwest::{Client, Response};
use rustls::crypto::ring;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{ModelServer, text, v0_3};

/// How long a test waits. Only a failure takes this long.
const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) struct Runtime {
    pub(crate) url: String,
    pub(crate) http: Client,
    pub(crate) state: Arc<TempDir>,
    shutdown: CancellationToken,
    server: JoinHandle<Result<(), ServeError>>,
}

impl Runtime {
    /// Starts a correct runtime with this model.
    pub(crate) async fn start(model: &ModelServer) -> Self {
        Self::with_env(model, &[]).await
    }

    pub(crate) async fn with_fault(model: &ModelServer, fault: &str) -> Self {
        Self::with_env(model, &[("COALMINE_FAULT", fault)]).await
    }

    pub(crate) async fn with_env(model: &ModelServer, environment: &[(&str, &str)]) -> Self {
        Self::with_state(Arc::new(tempfile::tempdir().unwrap()), model, environment).await
    }

    /// Starts a runtime in a state folder that another runtime may have used.
    pub(crate) async fn with_state(
        state: Arc<TempDir>,
        model: &ModelServer,
        environment: &[(&str, &str)],
    ) -> Self {
        let config = Config::from_env(|name| match name {
            "COALMINE_STATE_DIR" => state.path().to_str().map(str::to_owned),
            "OPENAI_BASE_URL" => Some(format!("{}/v1", model.url)),
            "OPENAI_API_KEY" => Some("not-a-key".to_owned()),
            name => environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(serve(listener, config.unwrap(), shutdown.clone()));
        Self { url, http: client(), state, shutdown, server }
    }

    /// Starts a runtime with a copy of the state on disk, as if this one were killed now.
    pub(crate) async fn after_kill(&self, model: &ModelServer, environment: &[(&str, &str)]) -> Self {
        let copy = Arc::new(tempfile::tempdir().unwrap());
        copy_folder(self.state.path(), copy.path());
        Self::with_state(copy, model, environment).await
    }

    /// Waits until the server ends by itself.
    pub(crate) async fn wait_for_end(self) -> Result<(), ServeError> {
        within_deadline("the runtime to end", self.server).await.unwrap()
    }

    /// Shuts the runtime down and returns its state folder.
    pub(crate) async fn stop(self) -> Arc<TempDir> {
        self.shutdown.cancel();
        within_deadline("the runtime to stop", self.server).await.unwrap().unwrap();
        self.state
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        within_deadline(path, async {
            self.http.get(format!("{}{path}", self.url)).send().await?.json().await
        })
        .await
        .unwrap()
    }

    pub(crate) async fn post(&self, version: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.http.post(&self.url).header("A2A-Version", version).body(body);
        let response = within_deadline("an answer", request.send()).await.unwrap();
        assert_eq!(response.status(), 200);
        response
    }

    /// Returns the whole answer to a request.
    pub(crate) async fn call(&self, request: Value) -> Value {
        let response = self.post("", request.to_string()).await;
        within_deadline("an answer's body", response.json()).await.unwrap()
    }

    /// Returns the result of a request, which must not be an error.
    pub(crate) async fn result(&self, request: Value) -> Value {
        let mut answer = self.call(request).await;
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].take()
    }

    /// Returns the error code of a request, which must be an error.
    pub(crate) async fn error_code(&self, request: Value) -> i64 {
        let answer = self.call(request).await;
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {answer}"))
    }

    /// Sends a text in 0.3 and returns the task.
    pub(crate) async fn say(&self, context: &str, words: &str) -> Value {
        self.result(v0_3("message/send", context, text(words))).await
    }

    /// Sends a text in 0.3 and returns the text of the answer.
    pub(crate) async fn ask(&self, context: &str, words: &str) -> String {
        reply_text(&self.say(context, words).await)
    }

    /// Returns the results of a streaming request as they arrive.
    pub(crate) async fn events(&self, request: Value) -> BoxStream<'static, Value> {
        let response = self.post("", request.to_string()).await;
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("text/event-stream"), "{kind}: {}", response.text().await.unwrap());
        let bytes = response.bytes_stream().boxed();
        stream::unfold((bytes, String::new()), async |(mut bytes, mut buffer)| {
            loop {
                if let Some((event, rest)) = buffer.split_once("\n\n") {
                    let data: Value = serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
                    assert_eq!((&data["jsonrpc"], data["error"].is_null()), (&json!("2.0"), true));
                    return Some((data["result"].clone(), (bytes, rest.to_owned())));
                }
                let more = within_deadline("an event", bytes.next()).await?.unwrap();
                buffer.push_str(std::str::from_utf8(&more).unwrap());
            }
        })
        .boxed()
    }

    /// Returns the content of the session store.
    pub(crate) async fn sessions(&self) -> Vec<Value> {
        self.get("/admin/session-store").await["sessions"].as_array().unwrap().clone()
    }

    /// Waits until the task is in this state, and returns it.
    pub(crate) async fn wait_for_state(&self, id: &str, state: &str) -> Value {
        wait_until(state, async || {
            let task = self.result(super::task_request("tasks/get", id)).await;
            (task["status"]["state"] == state).then_some(task)
        })
        .await
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Returns the text of the answer of a completed task.
pub(crate) fn reply_text(task: &Value) -> String {
    assert_eq!(task["status"]["state"], "completed", "{task}");
    task["artifacts"][0]["parts"][0]["text"].as_str().unwrap_or_default().to_owned()
}

/// Calls `probe` until it returns something.
pub(crate) async fn wait_until<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    within_deadline(what, async {
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

pub(crate) async fn within_deadline<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(DEADLINE, work).await.unwrap_or_else(|_| panic!("waited too long for {what}"))
}

/// Returns a client without a global TLS provider, so that these tests show that the runtime needs none.
fn client() -> Client {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}
