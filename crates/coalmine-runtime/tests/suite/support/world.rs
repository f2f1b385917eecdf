//! The surroundings of a runtime: a model that does what the test says, and a platform. Everything is recorded.

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

use super::runtime::within;

/// What the model does when it is asked.
pub(crate) enum Reply {
    Text(String),
    /// Calls this tool with these arguments.
    Call(&'static str, Value),
    /// Says this before it calls a tool.
    TextAndCall(&'static str, &'static str, Value),
    Refuse(u16),
    /// Says this much and cuts the connection.
    Cut(&'static str),
    /// Says this much and ends as if that were all, but without saying so.
    End(&'static str),
    /// Says this much and nothing more, for ever.
    Hang(&'static str),
    /// Waits for a permit.
    Gated(Arc<Semaphore>, Box<Reply>),
}

type Script = dyn Fn(&Value) -> Reply + Send + Sync;

pub(crate) struct World {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    prompts: Mutex<Vec<Value>>,
    platform: Mutex<Vec<(String, Value)>>,
    /// Answers that the runtime did not wait for the end of.
    abandoned: watch::Sender<usize>,
    registrations: watch::Sender<usize>,
    /// Holds registrations back until there is a permit.
    gate: Semaphore,
}

impl World {
    pub(crate) async fn new(script: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            script: Box::new(script),
            prompts: Mutex::default(),
            platform: Mutex::default(),
            abandoned: watch::Sender::new(0),
            registrations: watch::Sender::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/registry/{what}", post(registry))
            .route("/workspaces/{id}/chat/uploads/{*path}", get(upload))
            .route("/elsewhere.txt", get(async || "found on the platform"))
            .layer(DefaultBodyLimit::max(64 << 20))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, shared }
    }

    /// A model that knows whatever the prompt says about a name, and otherwise says `Noted.`
    pub(crate) async fn honest() -> Self {
        Self::new(|prompt| {
            if !asked(prompt).contains("my name?") {
                return Reply::Text("Noted.".to_owned());
            }
            let text = prompt_text(prompt);
            let name = text.split("my name is ").nth(1).and_then(|rest| rest.split('.').next());
            Reply::Text(name.map_or("I do not know.".to_owned(), |name| format!("Your name is {name}.")))
        })
        .await
    }

    /// A model that says this of a prompt, but only with a permit where it is asked something that begins with `slow`.
    pub(crate) async fn slow(
        says: impl Fn(&Value) -> String + Send + Sync + 'static,
    ) -> (Self, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let script = Arc::clone(&gate);
        let world = Self::new(move |prompt| {
            let said = Reply::Text(says(prompt));
            if !asked(prompt).starts_with("slow") {
                return said;
            }
            Reply::Gated(script.clone(), Box::new(said))
        });
        (world.await, gate)
    }

    pub(crate) async fn saying(text: &'static str) -> Self {
        Self::new(move |_| Reply::Text(text.to_owned())).await
    }

    /// Every request to the model so far.
    pub(crate) fn prompts(&self) -> Vec<Value> {
        self.shared.prompts.lock().unwrap().clone()
    }

    /// What the model was shown of the user's last message.
    pub(crate) fn shown(&self) -> Value {
        let prompt = self.prompts().pop().unwrap();
        prompt["messages"].as_array().unwrap().last().unwrap()["content"].clone()
    }

    /// Every call to the registry so far: its path's end and its body.
    pub(crate) fn platform_calls(&self) -> Vec<(String, Value)> {
        self.shared.platform.lock().unwrap().clone()
    }

    /// Waits until the runtime has given up waiting for this many answers.
    pub(crate) async fn abandoned(&self, answers: usize) {
        let mut abandoned = self.shared.abandoned.subscribe();
        within("the runtime to hang up", abandoned.wait_for(|count| *count >= answers)).await.unwrap();
    }

    pub(crate) async fn registered(&self, times: usize) {
        let mut registrations = self.shared.registrations.subscribe();
        within("a registration", registrations.wait_for(|count| *count >= times)).await.unwrap();
    }

    pub(crate) fn hold_registrations(&self) {
        self.shared.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn let_registrations_go(&self) {
        self.shared.gate.add_permits(10);
    }
}

/// The text of the last message of a prompt.
pub(crate) fn asked(prompt: &Value) -> String {
    prompt["messages"].as_array().and_then(|messages| messages.last()).map(content).unwrap_or_default()
}

/// All text of a prompt but the system's.
pub(crate) fn prompt_text(prompt: &Value) -> String {
    let messages = prompt["messages"].as_array().unwrap();
    let spoken = messages.iter().filter(|message| message["role"] != "system");
    spoken.map(content).collect::<Vec<_>>().join("\n")
}

fn content(message: &Value) -> String {
    match &message["content"] {
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        content => content.as_str().unwrap_or_default().to_owned(),
    }
}

async fn complete(State(world): State<Arc<Shared>>, Json(prompt): Json<Value>) -> Response {
    let mut reply = (world.script)(&prompt);
    world.prompts.lock().unwrap().push(prompt.clone());
    if let Reply::Gated(gate, inner) = reply {
        let waiting = Abandonment(Some(world.abandoned.clone()));
        gate.acquire().await.unwrap().forget();
        waiting.not();
        reply = *inner;
    }
    let streaming = prompt["stream"] == true;
    let pieces = |text: &str| -> Vec<Value> {
        let characters: Vec<char> = text.chars().collect();
        characters.chunks(4).map(|piece| json!({ "content": piece.iter().collect::<String>() })).collect()
    };
    let call = |name: &str, arguments: &Value| {
        json!([{ "index": 0, "id": "call-1", "type": "function",
                 "function": { "name": name, "arguments": arguments.to_string() } }])
    };
    match reply {
        Reply::Text(text) if streaming => whole_stream(pieces(&text), "stop"),
        Reply::Text(text) => whole(json!({ "role": "assistant", "content": text })),
        Reply::Call(name, arguments) if streaming => {
            whole_stream(vec![json!({ "tool_calls": call(name, &arguments) })], "tool_calls")
        }
        Reply::Call(name, arguments) => {
            whole(json!({ "content": null, "tool_calls": call(name, &arguments) }))
        }
        Reply::TextAndCall(text, name, arguments) => {
            let mut deltas = pieces(text);
            deltas.push(json!({ "tool_calls": call(name, &arguments) }));
            whole_stream(deltas, "tool_calls")
        }
        Reply::Refuse(status) => {
            (StatusCode::from_u16(status).unwrap(), "{\"error\":\"the provider is down\"}").into_response()
        }
        Reply::Cut(text) => {
            let first = stream::iter([Ok(data(&json!({ "content": text }), None))]);
            let cut = stream::once(async {
                // Pending once, so that what came before is on its way.
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut"))
            });
            Body::from_stream(first.chain(cut)).into_response()
        }
        Reply::End(text) => data(&json!({ "content": text }), None).into_response(),
        Reply::Hang(text) => {
            let abandonment = Abandonment(Some(world.abandoned.clone()));
            let first = stream::iter([Ok::<_, Infallible>(data(&json!({ "content": text }), None))]);
            let never = stream::once(async move {
                let _told = abandonment;
                std::future::pending().await
            });
            Body::from_stream(first.chain(never)).into_response()
        }
        Reply::Gated(..) => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
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

/// Counts when it is dropped, which it is when the runtime hangs up.
struct Abandonment(Option<watch::Sender<usize>>);

impl Abandonment {
    fn not(mut self) {
        self.0 = None;
    }
}

impl Drop for Abandonment {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.send_modify(|count| *count += 1);
        }
    }
}

async fn registry(
    State(world): State<Arc<Shared>>,
    Path(what): Path<String>,
    Json(body): Json<Value>,
) -> Json<Value> {
    let first = what == "register" && *world.registrations.borrow() == 0;
    if what == "register" {
        world.gate.acquire().await.unwrap().forget();
    }
    world.platform.lock().unwrap().push((what.clone(), body));
    if what == "register" {
        world.registrations.send_modify(|count| *count += 1);
    }
    Json(if first { json!({ "auth_token": "the-token" }) } else { json!({}) })
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
