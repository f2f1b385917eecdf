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
    Answer, CallContent, CallKind, Delivery, JournalPosition, ModelFault, Prompt, RequestKind, World, body,
    control,
    http::{self, Refusal},
    journal::RequestLine,
    model::{ModelResponse, SideCallKind},
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

    /// Creates a response to a call of the provider that asked the model nothing.
    fn of_provider(dialect: &'static dyn Dialect, kind: CallKind, response: Response<Body>) -> Self {
        let content = CallContent { dialect: Some(dialect.name()), ..CallContent::default() };
        Self { kind, content, response }
    }
}

/// Answers any request.
pub(crate) async fn answer(world: &World, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let query = head.uri.query().unwrap_or_default();
    let body = body::read(&head.headers, body, &world.timeouts, &world.budget).await;
    let line = RequestLine {
        method: head.method.as_str(),
        path: head.uri.path_and_query().map_or(path, |path_and_query| path_and_query.as_str()),
        bytes: body.as_ref().map_or(0, |body| body.bytes.len()),
    };
    if world.journal_open && head.method == Method::GET && path == "/journal" {
        return show_journal(world, query);
    }
    if world.journal_open && head.method == Method::POST && path == "/model-fault" {
        return inject_model_faults(world, &body.unwrap_or_default().bytes);
    }
    let client = provider::client_dialect(&head.headers, query);
    let found = provider::find_route(&head.method, path, client);
    let dialect = found.as_ref().map(|(dialect, _)| *dialect);
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return refuse_body(world, &line, dialect, refusal).await,
    };
    let turn = world.budget.turn_to_parse(body.bytes.len()).await;
    let mut pauses = Pauses::default();
    let recorded = match found {
        Some((dialect, Route::Ask)) => ask_model(world, dialect, line.path, &body.bytes, &mut pauses),
        Some((dialect, Route::Upload)) => {
            let (bytes, id) = (body.bytes.clone(), world.next_id());
            let response = world.files.upload(dialect, &head.headers, bytes, id, &world.budget).await;
            RecordedResponse::of_provider(dialect, CallKind::Model, response)
        }
        Some((dialect, Route::Embed(form))) => embed(world, dialect, form, &body.bytes),
        Some((dialect, Route::Moderate)) => moderate(world, dialect, &body.bytes),
        Some((dialect, Route::Fixed(status, body))) => {
            let response = dialect.with_request_id(http::json(status, &body), world.next_id());
            RecordedResponse::of_provider(dialect, CallKind::ModelInfo, response)
        }
        None if peers::owns(path) => world.peers.answer(&head, &body.bytes),
        None if control::owns(path) => world.control.answer(&head, &body.bytes, &world.peers).await,
        None => answer_unknown(world, &head.method, path, client),
    };
    // what is kept of it takes a share of its own
    drop((turn, body));
    pause(pauses.before_answer).await;
    let response = record(world, &line, dialect, recorded).await;
    pause(pauses.before_head).await;
    response
}

/// How long a call of the model takes.
#[derive(Default)]
struct Pauses {
    /// Until it counts as answered, and is recorded.
    before_answer: Duration,
    /// From then until the head of the response is sent.
    before_head: Duration,
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

/// Records a call and returns its response; or refuses the call if there is no room for what has to be kept of it.
async fn record(
    world: &World,
    line: &RequestLine<'_>,
    dialect: Option<&'static dyn Dialect>,
    recorded: RecordedResponse,
) -> Response<Body> {
    let RecordedResponse { kind, mut content, response } = recorded;
    let held = world.budget.take(content.weight());
    let held = held.and_then(|held| Ok((held, world.budget.hold_response(response)?)));
    let response = match held {
        Ok((held, response)) => {
            content.held = held;
            response
        }
        Err(over_budget) => {
            let refusal = Refusal::from(over_budget);
            let note = Some(refusal.message.clone());
            content = CallContent { dialect: content.dialect, note, ..CallContent::default() };
            refuse(world, dialect, &refusal)
        }
    };
    world.journal.record(kind, line, response.status().as_u16(), content).await;
    response
}

/// Answers a request for embeddings.
fn embed(world: &World, dialect: &'static dyn Dialect, form: EmbeddingForm, body: &[u8]) -> RecordedResponse {
    let mut content = CallContent { dialect: Some(dialect.name()), ..CallContent::default() };
    let id = world.next_id();
    let violations = Violations::new(world.lenient);
    let embedded = if http::is_too_wide(body) {
        Err(http::too_wide())
    } else {
        provider::embed(form, body, &violations, &world.budget)
    };
    content.rejected_by_vendor = violations.into_found();
    let response = match embedded {
        Ok(embedded) => {
            content.embedded = embedded.texts;
            dialect.with_request_id(http::respond(200, "application/json", embedded.body.into()), id)
        }
        Err(refusal) => {
            content.note = Some(refusal.message.clone());
            dialect.refusal_response(&refusal, id)
        }
    };
    RecordedResponse { kind: CallKind::Embedding, content, response }
}

/// Answers a request for moderation.
fn moderate(world: &World, dialect: &'static dyn Dialect, body: &[u8]) -> RecordedResponse {
    let id = world.next_id();
    let moderated =
        if http::is_too_wide(body) { Err(http::too_wide()) } else { provider::moderations::answer(body, id) };
    let response = match moderated {
        Ok(body) => dialect.with_request_id(http::json(200, &body), id),
        Err(refusal) => dialect.refusal_response(&refusal, id),
    };
    RecordedResponse::of_provider(dialect, CallKind::Moderation, response)
}

/// Creates a refusal in the words of the vendor, if the request went to one.
fn refuse(world: &World, dialect: Option<&'static dyn Dialect>, refusal: &Refusal) -> Response<Body> {
    match dialect {
        Some(dialect) => dialect.refusal_response(refusal, world.next_id()),
        None => http::json(refusal.status, &json!({ "error": refusal.message })),
    }
}

/// Refuses a request whose body could not be read, and closes the connection, because what follows on it may
/// be the rest of that body.
async fn refuse_body(
    world: &World,
    line: &RequestLine<'_>,
    dialect: Option<&'static dyn Dialect>,
    refusal: Refusal,
) -> Response<Body> {
    let mut response = refuse(world, dialect, &refusal);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let note = Some(refusal.message);
    record(world, line, dialect, RecordedResponse::with_note(CallKind::Unknown, note, response)).await
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
fn ask_model(
    world: &World,
    dialect: &'static dyn Dialect,
    path: &str,
    body: &[u8],
    pauses: &mut Pauses,
) -> RecordedResponse {
    let mut content = CallContent { dialect: Some(dialect.name()), ..CallContent::default() };
    let mut kind = CallKind::Model;
    let id = world.next_id();
    let violations = Violations::new(world.lenient);
    let answered = read_prompt(world, dialect, ModelRequest { path, body }, &violations)
        .and_then(|prompt| respond(world, dialect, &prompt, id).map(|answered| (prompt, answered)));
    content.rejected_by_vendor = violations.into_found();
    let response = match answered {
        Ok((prompt, Answered { answer, side_call, recalls, model_fault })) => {
            if recalls {
                pauses.before_answer = world.recall_pause();
            }
            let mut response = provider::deliver(dialect, &prompt, &answer, id, model_fault);
            if let Some(fault) = model_fault {
                content.note = Some(fault.to_string());
                pauses.before_head = provider::delay_of_head(&prompt, &answer, fault);
                response = response.map(|body| track_delivery(body, &mut content));
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
    RecordedResponse { kind, content, response }
}

/// What the model answers to a prompt, and what becomes of the answer.
struct Answered {
    answer: Answer,
    side_call: Option<SideCallKind>,
    recalls: bool,
    model_fault: Option<ModelFault>,
}

/// Lets the model answer a prompt, and stores the answer if the prompt asks for that.
fn respond(
    world: &World,
    dialect: &'static dyn Dialect,
    prompt: &Prompt,
    id: u64,
) -> Result<Answered, Refusal> {
    let ModelResponse { mut answer, side_call, recalls } = world.model.respond(prompt);
    provider::check_length(prompt, &answer)?;
    for (index, call) in answer.calls.iter_mut().enumerate() {
        call.id = format!("call_{id:020}{index}");
    }
    let model_fault = world.fault_plan.next_fault_for(prompt);
    if let Some(id) = dialect.stored_response_id(id)
        && model_fault.is_none_or(ModelFault::is_slow)
    {
        world.stored_responses.store(id, prompt, &answer, &world.budget)?;
    }
    Ok(Answered { answer, side_call, recalls, model_fault })
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
fn answer_unknown(
    world: &World,
    method: &Method,
    path: &str,
    client: Option<&'static dyn Dialect>,
) -> RecordedResponse {
    let response = match (method, path) {
        (&Method::GET | &Method::HEAD, "/") => http::json(200, &json!({ "name": "coalmine world" })),
        _ => {
            let refusal = Refusal { status: 404, message: format!("Invalid URL ({method} {path})") };
            provider::closest_dialect(path, client).refusal_response(&refusal, world.next_id())
        }
    };
    RecordedResponse::with_note(CallKind::Unknown, None, response)
}
