//! A platform with one peer, `weather`, that answers as the test wants. It records all requests.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

type Answer = dyn Fn(&Value) -> Value + Send + Sync;

pub(crate) struct PeerPlatform {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    card: Value,
    answer: Box<Answer>,
    calls: Mutex<Vec<Call>>,
}

/// A call of the registry or of the peer.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl PeerPlatform {
    /// Starts a platform whose peer has this card. A result of `answer` with a `code` becomes an error.
    pub(crate) async fn new(card: Value, answer: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared { card, answer: Box::new(answer), calls: Mutex::default() });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, shared }
    }

    /// Starts a platform whose peer speaks 0.3, answers that it rains and keeps the context.
    pub(crate) async fn raining() -> Self {
        Self::new(json!({ "url": "http://0.0.0.0/rpc", "protocolVersion": "0.3.0" }), |request| {
            task(&request["params"]["message"]["contextId"], "It rains in Zorvane-4417.")
        })
        .await
    }

    /// Returns the calls of a path so far.
    pub(crate) fn calls(&self, path: &str) -> Vec<Call> {
        let calls = self.shared.calls.lock().unwrap();
        calls.iter().filter(|call| call.path == path).cloned().collect()
    }

    /// Returns the requests to the peer so far.
    pub(crate) fn peer_requests(&self) -> Vec<Value> {
        self.calls("/rpc").into_iter().map(|call| call.body).collect()
    }
}

/// Returns a completed task of 0.3.
pub(crate) fn task(context: &Value, answer: &str) -> Value {
    json!({
        "kind": "task", "id": "t", "contextId": context, "status": { "state": "completed" },
        "artifacts": [{ "artifactId": "a", "parts": [{ "kind": "text", "text": answer }] }],
    })
}

async fn serve(
    State(platform): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let call = Call { path: uri.path().to_owned(), headers: headers.clone(), body: body.clone() };
    platform.calls.lock().unwrap().push(call);
    let url = || format!("http://{}/peers/weather/", headers["host"].to_str().unwrap());
    let answer = match (method.as_str(), uri.path()) {
        ("POST", "/rpc") => {
            let answer = (platform.answer)(&body);
            let field = if answer["code"].is_i64() { "error" } else { "result" };
            json!({ "jsonrpc": "2.0", "id": body["id"], field: answer })
        }
        ("POST", "/registry/register") => json!({ "auth_token": "the-token" }),
        ("POST", "/registry/heartbeat") => json!({}),
        ("GET", "/registry/w1/peers") => {
            json!([{ "id": "weather", "name": "The Weather", "description": "Knows when it rains" }])
        }
        ("GET", "/registry/discover/weather") => json!({ "id": "weather", "url": url() }),
        ("GET", "/peers/weather/.well-known/agent.json") => platform.card.clone(),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    Json(answer).into_response()
}
