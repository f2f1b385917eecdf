//! A server that answers as a test defines and records its requests, and a client for it.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Response},
};
use coalmine_a2a::{
    Client, Dialect, Endpoint, Flow, JSON_RPC, Limits, Outgoing, Part, Refusal, WireError, WireOutcome,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

type Seen = Arc<Mutex<Vec<ReceivedRequest>>>;
type Answer = Arc<dyn Fn(&ReceivedRequest) -> Response<Body> + Send + Sync>;

/// One request to the server.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedRequest {
    pub(crate) number: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A server that ends with the test.
pub(crate) struct Server {
    pub(crate) url: Url,
    requests: Seen,
    serving: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn new(
        answer: impl Fn(&ReceivedRequest) -> Response<Body> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/rpc", listener.local_addr().unwrap())).unwrap();
        let requests = Seen::default();
        let answer: Answer = Arc::new(answer);
        let app = Router::new().fallback(handle).with_state((Arc::clone(&requests), answer));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, requests, serving }
    }

    /// A server that answers each request with the next of these results, and repeats the last one.
    pub(crate) async fn answering(results: Vec<Value>) -> Self {
        Self::new(move |request| answered(request, &results[request.number.min(results.len() - 1)])).await
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// Sends a text in a dialect.
    pub(crate) async fn send_text(&self, dialect: Dialect, limits: Limits) -> WireOutcome {
        self.send(dialect, None, limits, &message(vec![Part::Text("hello".into())])).await
    }

    pub(crate) async fn send(
        &self,
        dialect: Dialect,
        tenant: Option<&str>,
        limits: Limits,
        message: &Outgoing,
    ) -> WireOutcome {
        client(limits).send(&self.endpoint(dialect, tenant), message).await
    }

    pub(crate) fn endpoint(&self, dialect: Dialect, tenant: Option<&str>) -> Endpoint {
        Endpoint { url: self.url.clone(), binding: JSON_RPC, dialect, tenant: tenant.map(str::to_owned) }
    }

    /// Streams a text in 1.0 to its end.
    pub(crate) async fn stream(&self, limits: Limits) -> WireOutcome {
        let hello = message(vec![Part::Text("hello".into())]);
        client(limits).stream(&self.endpoint(Dialect::V1_0, None), &hello, |_| Flow::GoOn).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn handle(State((seen, answer)): State<(Seen, Answer)>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let received = {
        let mut seen = seen.lock().unwrap();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let (number, path) = (seen.len(), head.uri.path().to_owned());
        let query = head.uri.query().unwrap_or_default().to_owned();
        seen.push(ReceivedRequest {
            number,
            method: head.method.to_string(),
            path,
            query,
            headers: head.headers,
            body,
        });
        seen.last().unwrap().clone()
    };
    answer(&received)
}

pub(crate) fn client(limits: Limits) -> Client {
    // it is already installed if tests share a process
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(&"http://127.0.0.1".parse().unwrap(), limits, &[]).unwrap()
}

pub(crate) fn message(parts: Vec<Part>) -> Outgoing {
    Outgoing {
        message_id: "m1".into(),
        context_id: Some("c1".into()),
        task_id: None,
        reference_task_ids: vec![],
        parts,
        history: vec![],
    }
}

/// The error that the client makes of a JSON-RPC error.
pub(crate) fn refused(refusal: Refusal, code: i64, message: &str) -> WireError {
    WireError::Refused { refusal, code: format!("JSON-RPC error {code}"), message: message.into() }
}

/// A JSON-RPC answer with a result.
pub(crate) fn answered(request: &ReceivedRequest, result: &Value) -> Response<Body> {
    let body = json!({ "jsonrpc": "2.0", "id": request.body["id"], "result": result });
    of_type("application/json", body.to_string())
}

pub(crate) fn of_type(kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().header("content-type", kind).body(body.into()).unwrap()
}

/// A 1.0 task in a state, with its text as an artifact.
pub(crate) fn task(state: &str, text: &str) -> Value {
    json!({
        "id": "t1", "contextId": "c1", "status": { "state": format!("TASK_STATE_{state}") },
        "artifacts": [{ "artifactId": "a", "parts": [{ "text": text }] }],
    })
}
