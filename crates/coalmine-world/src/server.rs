//! The entry point of all requests: finds the part of the world that serves a path, and records every call.

use std::{sync::Arc, task::Poll, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Method, Response, header::CONNECTION},
};
use futures_util::{StreamExt, stream};
use hyper::{Request, body::Incoming};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    CallContent, CallKind, Delivery, JournalPosition, ModelFault, Prompt, RequestKind, World, body, control,
    http::{self, Refusal},
    journal::RequestLine,
    model::ModelResponse,
    peers,
    provider::{self, Dialect, EmbeddingForm, ModelRequest, Route, Violations},
};

/// A response, and what the journal records about it.
pub(crate) struct RecordedResponse {
    pub(crate) kind: CallKind,
    pub(crate) content: CallContent,
    pub(crate) response: Response<Body>,
}

impl RecordedResponse {
    /// Creates a response with a note on the call.
    pub(crate) fn with_note(kind: CallKind, note: Option<String>, response: Response<Body>) -> Self {
        Self { kind, content: CallContent { note, ..CallContent::default() }, response }
    }
}

/// Answers any request.
pub(crate) async fn answer(world: &World, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let query = head.uri.query().unwrap_or_default();
    let body = body::read(&head.headers, body, &world.timeouts).await;
    let line = RequestLine {
        method: head.method.as_str(),
        path: head.uri.path_and_query().map_or(path, |path_and_query| path_and_query.as_str()),
        bytes: body.as_ref().map_or(0, |body| body.len()),
    };
    if world.journal_open && head.method == Method::GET && path == "/journal" {
        return show_journal(world, query);
    }
    if world.journal_open && head.method == Method::POST && path == "/model-fault" {
        return inject_model_faults(world, &body.unwrap_or_default());
    }
    let client = provider::client_dialect(&head.headers, query);
    let found = provider::find_route(&head.method, path, client);
    let body = match body {
        Ok(body) => body,
        Err(refusal) => {
            return refuse_body(world, &line, found.map(|(dialect, _)| dialect), refusal).await;
        }
    };
    match found {
        Some((dialect, Route::Ask)) => ask_model(world, dialect, &line, &body).await,
        Some((dialect, Route::Upload)) => {
            let response = world.files.upload(dialect, &head.headers, body, world.next_id()).await;
            record_provider_call(world, dialect, CallKind::Model, &line, response).await
        }
        Some((dialect, Route::Embed(form))) => embed(world, dialect, form, &line, &body).await,
        Some((dialect, Route::Moderate)) => {
            let id = world.next_id();
            let response = match provider::moderations::answer(&body, id) {
                Ok(body) => dialect.with_request_id(http::json(200, &body), id),
                Err(refusal) => dialect.refusal_response(&refusal, id),
            };
            record_provider_call(world, dialect, CallKind::Moderation, &line, response).await
        }
        Some((dialect, Route::Fixed(status, body))) => {
            let response = dialect.with_request_id(http::json(status, &body), world.next_id());
            record_provider_call(world, dialect, CallKind::ModelInfo, &line, response).await
        }
        None if peers::owns(path) => record(world, &line, world.peers.answer(&head, &body)).await,
        None if control::owns(path) => {
            record(world, &line, world.control.answer(&head, &body, &world.peers).await).await
        }
        None => answer_unknown(world, &line, &head.method, path, client).await,
    }
}

async fn record(world: &World, line: &RequestLine<'_>, answered: RecordedResponse) -> Response<Body> {
    let RecordedResponse { kind, content, response } = answered;
    world.journal.record(kind, line, response.status().as_u16(), content).await;
    response
}

/// Records a call of the provider that asked the model nothing.
async fn record_provider_call(
    world: &World,
    dialect: &'static dyn Dialect,
    kind: CallKind,
    line: &RequestLine<'_>,
    response: Response<Body>,
) -> Response<Body> {
    let content = CallContent { dialect: Some(dialect.name()), ..CallContent::default() };
    record(world, line, RecordedResponse { kind, content, response }).await
}

/// Answers a request for embeddings.
async fn embed(
    world: &World,
    dialect: &'static dyn Dialect,
    form: EmbeddingForm,
    line: &RequestLine<'_>,
    body: &[u8],
) -> Response<Body> {
    let mut content = CallContent { dialect: Some(dialect.name()), ..CallContent::default() };
    let id = world.next_id();
    let violations = Violations::new(world.lenient);
    let embedded = if http::is_too_wide(body) {
        Err(http::too_wide())
    } else {
        provider::embed(form, body, &violations)
    };
    content.rejected_by_vendor = violations.into_found();
    let response = match embedded {
        Ok(embedded) => {
            content.embedded = embedded.texts;
            dialect.with_request_id(http::json(200, &embedded.body), id)
        }
        Err(refusal) => {
            content.note = Some(refusal.message.clone());
            dialect.refusal_response(&refusal, id)
        }
    };
    record(world, line, RecordedResponse { kind: CallKind::Embedding, content, response }).await
}

/// Refuses a request whose body could not be read, and closes the connection, because what follows on it may
/// be the rest of that body.
async fn refuse_body(
    world: &World,
    line: &RequestLine<'_>,
    dialect: Option<&'static dyn Dialect>,
    refusal: Refusal,
) -> Response<Body> {
    let mut response = match dialect {
        Some(dialect) => dialect.refusal_response(&refusal, world.next_id()),
        None => http::json(refusal.status, &json!({ "error": refusal.message })),
    };
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let note = Some(refusal.message);
    record(world, line, RecordedResponse::with_note(CallKind::Unknown, note, response)).await
}

/// Returns the most recent calls as NDJSON, filtered by `kind=model`, `path=…` and `since=N`.
fn show_journal(world: &World, query: &str) -> Response<Body> {
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let since = parameter("since").and_then(|since| since.parse().ok()).unwrap_or(0);
    let (kind, path) = (parameter("kind"), parameter("path"));
    let mut lines = String::new();
    for call in world.calls_since(JournalPosition::default()) {
        let matches = call.seq >= since
            && kind.is_none_or(|kind| call.kind.name() == kind)
            && path.is_none_or(|path| call.path.starts_with(path));
        if matches && let Ok(line) = serde_json::to_string(&*call) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    http::respond(200, "application/x-ndjson", lines.into())
}

/// Injects faults into the next answers: names separated by spaces, one for each answer. Returns how many are
/// pending.
fn inject_model_faults(world: &World, body: &[u8]) -> Response<Body> {
    let faults: Result<Vec<ModelFault>, _> =
        String::from_utf8_lossy(body).split_whitespace().map(str::parse).collect();
    match faults {
        Ok(faults) => http::json(200, &json!({ "waiting": world.inject_next(faults) })),
        Err(unknown) => http::json(400, &json!({ "error": unknown.to_string() })),
    }
}

/// Asks the model, and sends its answer or the fault that is planned for it.
async fn ask_model(
    world: &World,
    dialect: &'static dyn Dialect,
    line: &RequestLine<'_>,
    body: &[u8],
) -> Response<Body> {
    let mut content = CallContent { dialect: Some(dialect.name()), ..CallContent::default() };
    let mut delay = Duration::ZERO;
    let mut kind = CallKind::Model;
    let id = world.next_id();
    let violations = Violations::new(world.lenient);
    let prompt = read_prompt(world, dialect, ModelRequest { path: line.path, body }, &violations);
    content.rejected_by_vendor = violations.into_found();
    let response = match prompt {
        Ok(prompt) => {
            let ModelResponse { mut answer, side_call } = world.model.respond(&prompt);
            for (index, call) in answer.calls.iter_mut().enumerate() {
                call.id = format!("call_{id:020}{index}");
            }
            let model_fault = world.fault_plan.next_fault_for(&prompt);
            let mut response = provider::deliver(dialect, &prompt, &answer, id, model_fault);
            if let Some(fault) = model_fault {
                content.note = Some(fault.to_string());
                delay = provider::delay_of_head(&prompt, &answer, fault);
                response = response.map(|body| track_delivery(body, &mut content));
            }
            if let Some(id) = dialect.stored_response_id(id)
                && model_fault.is_none_or(ModelFault::is_slow)
            {
                world.stored_responses.store(id, &prompt, &answer);
            }
            content.model_fault = model_fault;
            content.side_call = side_call;
            if prompt.request_kind == RequestKind::Tokens {
                kind = CallKind::ModelInfo;
            }
            content.prompt = Some(prompt);
            content.answer = Some(answer);
            response
        }
        Err(refusal) => {
            content.note = Some(refusal.message.clone());
            dialect.refusal_response(&refusal, id)
        }
    };
    world.journal.record(kind, line, response.status().as_u16(), content).await;
    if !delay.is_zero() {
        sleep(delay).await;
    }
    response
}

fn read_prompt(
    world: &World,
    dialect: &'static dyn Dialect,
    request: ModelRequest<'_>,
    violations: &Violations,
) -> Result<Prompt, Refusal> {
    let mut prompt = dialect.read(&request, &world.files, violations)?;
    world.stored_responses.resume(&mut prompt, violations)?;
    Ok(prompt)
}

/// Returns a body that records whether it was sent to its end. Answers without an injected fault are sent at
/// once and need no tracking.
fn track_delivery(body: Body, content: &mut CallContent) -> Body {
    let delivery = Arc::new(Delivery::default());
    content.delivery = Some(Arc::clone(&delivery));
    let sending = delivery.begin();
    let end = stream::poll_fn(move |_| {
        sending.complete();
        Poll::Ready(None)
    });
    Body::from_stream(body.into_data_stream().chain(end))
}

/// Answers a probe of `/`, and refuses any other path in the words of the vendor that it most likely belongs
/// to.
async fn answer_unknown(
    world: &World,
    line: &RequestLine<'_>,
    method: &Method,
    path: &str,
    client: Option<&'static dyn Dialect>,
) -> Response<Body> {
    let response = match (method, path) {
        (&Method::GET | &Method::HEAD, "/") => http::json(200, &json!({ "name": "coalmine world" })),
        _ => {
            let refusal = Refusal { status: 404, message: format!("Invalid URL ({method} {path})") };
            provider::closest_dialect(path, client).refusal_response(&refusal, world.next_id())
        }
    };
    record(world, line, RecordedResponse::with_note(CallKind::Unknown, None, response)).await
}
