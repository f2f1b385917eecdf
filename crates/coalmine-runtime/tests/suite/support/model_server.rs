//! A fake model server that follows a script. It also plays the platform: its registry and its uploads. It
//! records all requests.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

use super::runtime::within_deadline;

/// What the model does with a prompt.
pub(crate) enum Reply {
    Text(String),
    /// Calls this tool with these arguments.
    Call(&'static str, Value),
    /// Sends this text before it calls a tool.
    TextAndCall(&'static str, &'static str, Value),
    Refuse(u16),
    /// Sends this text and cuts the connection.
    Cut(&'static str),
    /// Sends this text and ends the stream without a finish reason.
    End(&'static str),
    /// Sends this text and then stays silent forever.
    Hang(&'static str),
    /// Waits for a permit before it replies.
    Gated(Arc<Semaphore>, Box<Reply>),
}

type Script = dyn Fn(&Value) -> Reply + Send + Sync;

pub(crate) struct ModelServer {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    prompts: Mutex<Vec<Value>>,
    registry_calls: Mutex<Vec<RegistryCall>>,
    /// How many answers the runtime abandoned.
    hangups: watch::Sender<usize>,
    registrations: watch::Sender<usize>,
    /// Holds registrations back until there is a permit.
    registration_gate: Semaphore,
}

/// A call to the registry: the last segment of its path, and its body.
#[derive(Clone)]
pub(crate) struct RegistryCall {
    pub(crate) endpoint: String,
    pub(crate) body: Value,
}

impl ModelServer {
    pub(crate) async fn new(script: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            script: Box::new(script),
            prompts: Mutex::default(),
            registry_calls: Mutex::default(),
            hangups: watch::Sender::new(0),
            registrations: watch::Sender::new(0),
            registration_gate: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/registry/{endpoint}", post(registry))
            .route("/workspaces/{id}/chat/uploads/{*path}", get(upload))
            .route("/elsewhere.txt", get(async || "found on the platform"))
            .layer(DefaultBodyLimit::max(64 << 20))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, shared }
    }

    /// Starts a model that recalls a name from the prompt when it is asked for one, and otherwise answers
    /// `Noted.`
    pub(crate) async fn grounded() -> Self {
        Self::new(|prompt| {
            if !last_text(prompt).contains("my name?") {
                return Reply::Text("Noted.".to_owned());
            }
            let text = prompt_text(prompt);
            let name = text.split("my name is ").nth(1).and_then(|rest| rest.split('.').next());
            Reply::Text(name.map_or("I do not know.".to_owned(), |name| format!("Your name is {name}.")))
        })
        .await
    }

    /// Starts a model whose answers to a text that begins with `slow` wait for a permit of the semaphore.
    pub(crate) async fn slow(
        answer: impl Fn(&Value) -> String + Send + Sync + 'static,
    ) -> (Self, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let script = Arc::clone(&gate);
        let model = Self::new(move |prompt| {
            let reply = Reply::Text(answer(prompt));
            if !last_text(prompt).starts_with("slow") {
                return reply;
            }
            Reply::Gated(script.clone(), Box::new(reply))
        });
        (model.await, gate)
    }

    /// Starts a model that answers everything with this text.
    pub(crate) async fn answering(text: &'static str) -> Self {
        Self::new(move |_| Reply::Text(text.to_owned())).await
    }

    /// Returns every request to the model so far.
    pub(crate) fn prompts(&self) -> Vec<Value> {
        self.shared.prompts.lock().unwrap().clone()
    }

    /// Returns the content of the last message that the model saw.
    pub(crate) fn last_content(&self) -> Value {
        let prompt = self.prompts().pop().unwrap();
        prompt["messages"].as_array().unwrap().last().unwrap()["content"].clone()
    }

    /// Returns every call to the registry so far.
    pub(crate) fn registry_calls(&self) -> Vec<RegistryCall> {
        self.shared.registry_calls.lock().unwrap().clone()
    }

    /// Waits until the runtime has abandoned this many answers.
    pub(crate) async fn wait_for_hangups(&self, answers: usize) {
        let mut hangups = self.shared.hangups.subscribe();
        within_deadline("the runtime to hang up", hangups.wait_for(|count| *count >= answers)).await.unwrap();
    }

    pub(crate) async fn wait_for_registrations(&self, times: usize) {
        let mut registrations = self.shared.registrations.subscribe();
        within_deadline("a registration", registrations.wait_for(|count| *count >= times)).await.unwrap();
    }

    pub(crate) fn hold_registrations(&self) {
        self.shared.registration_gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn release_registrations(&self) {
        self.shared.registration_gate.add_permits(10);
    }
}

/// Returns the text of the last message of a prompt.
pub(crate) fn last_text(prompt: &Value) -> String {
    prompt["messages"].as_array().and_then(|messages| messages.last()).map(content).unwrap_or_default()
}

/// Returns all text of a prompt except the system message.
pub(crate) fn prompt_text(prompt: &Value) -> String {
    let messages = prompt["messages"].as_array().unwrap();
    let conversation = messages.iter().filter(|message| message["role"] != "system");
    conversation.map(content).collect::<Vec<_>>().join("\n")
}

fn content(message: &Value) -> String {
    match &message["content"] {
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        content => content.as_str().unwrap_or_default().to_owned(),
    }
}

async fn complete(State(server): State<Arc<Shared>>, Json(prompt): Json<Value>) -> Response {
    let mut reply = (server.script)(&prompt);
    server.prompts.lock().unwrap().push(prompt.clone());
    if let Reply::Gated(gate, inner) = reply {
        let waiting = HangupCounter(Some(server.hangups.clone()));
        gate.acquire().await.unwrap().forget();
        waiting.disarm();
        reply = *inner;
    }
    let streaming = prompt["stream"] == true;
    match reply {
        Reply::Text(text) if streaming => whole_stream(pieces(&text), "stop"),
        Reply::Text(text) => whole(json!({ "role": "assistant", "content": text })),
        Reply::Call(name, arguments) if streaming => {
            whole_stream(vec![json!({ "tool_calls": tool_calls(name, &arguments) })], "tool_calls")
        }
        Reply::Call(name, arguments) => {
            whole(json!({ "content": null, "tool_calls": tool_calls(name, &arguments) }))
        }
        Reply::TextAndCall(text, name, arguments) => {
            let mut deltas = pieces(text);
            deltas.push(json!({ "tool_calls": tool_calls(name, &arguments) }));
            whole_stream(deltas, "tool_calls")
        }
        Reply::Refuse(status) => {
            (StatusCode::from_u16(status).unwrap(), "{\"error\":\"the provider is down\"}").into_response()
        }
        Reply::Cut(text) => {
            let first = stream::iter([Ok(data(&json!({ "content": text }), None))]);
            let cut = stream::once(async {
                // Yielding lets the first chunk leave before the cut.
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut"))
            });
            Body::from_stream(first.chain(cut)).into_response()
        }
        Reply::End(text) => data(&json!({ "content": text }), None).into_response(),
        Reply::Hang(text) => {
            let counter = HangupCounter(Some(server.hangups.clone()));
            let first = stream::iter([Ok::<_, Infallible>(data(&json!({ "content": text }), None))]);
            let never = stream::once(async move {
                let _counter = counter;
                std::future::pending().await
            });
            Body::from_stream(first.chain(never)).into_response()
        }
        Reply::Gated(..) => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}

/// Returns a text in pieces of four characters.
fn pieces(text: &str) -> Vec<Value> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(4).map(|piece| json!({ "content": piece.iter().collect::<String>() })).collect()
}

fn tool_calls(name: &str, arguments: &Value) -> Value {
    json!([{
        "index": 0, "id": "call-1", "type": "function",
        "function": { "name": name, "arguments": arguments.to_string() },
    }])
}

fn whole(message: Value) -> Response {
    Json(json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] })).into_response()
}

fn whole_stream(deltas: Vec<Value>, reason: &'static str) -> Response {
    let mut body = String::new();
    for delta in deltas {
        body.push_str(&data(&delta, None));
    }
    body.push_str(&data(&json!({}), Some(reason)));
    body.push_str("data: [DONE]\n\n");
    ([("content-type", "text/event-stream")], body).into_response()
}

fn data(delta: &Value, reason: Option<&str>) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] }))
}

/// Counts a hang-up when it is dropped with the response that the runtime abandons.
struct HangupCounter(Option<watch::Sender<usize>>);

impl HangupCounter {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for HangupCounter {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.send_modify(|count| *count += 1);
        }
    }
}

async fn registry(
    State(server): State<Arc<Shared>>,
    Path(endpoint): Path<String>,
    Json(body): Json<Value>,
) -> Json<Value> {
    let registers = endpoint == "register";
    let is_first = registers && *server.registrations.borrow() == 0;
    if registers {
        server.registration_gate.acquire().await.unwrap().forget();
    }
    server.registry_calls.lock().unwrap().push(RegistryCall { endpoint, body });
    if registers {
        server.registrations.send_modify(|count| *count += 1);
    }
    Json(if is_first { json!({ "auth_token": "the-token" }) } else { json!({}) })
}

async fn upload(
    Path((workspace, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Bytes, StatusCode> {
    if headers.get("authorization").is_none_or(|token| token != "Bearer the-token") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    match path.as_str() {
        "big.bin" => Ok(Bytes::from(vec![0; (16 << 20) + 1])),
        "missing.txt" => Err(StatusCode::NOT_FOUND),
        path => Ok(format!("upload {path} of {workspace}").into()),
    }
}
