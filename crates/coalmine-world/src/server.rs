//! What is asked for: tells the parts of the world apart, and has every call written down.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Method, Response, header::CONNECTION},
};
use futures_util::StreamExt;
use hyper::{Request, body::Incoming};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    Call, Kind, Mark, ModelFault, Said, World, body, control,
    journal::Request as Asked,
    peers,
    provider::{self, Dialect, Refusal, Route, Violations},
};

/// Answers a request, whatever it is.
pub(crate) async fn answer(world: &World, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let shown = head.uri.path_and_query().map_or(path.as_str(), |all| all.as_str());
    let body = body::read(&head.headers, body, &world.patience).await;
    let asked =
        Asked { method: head.method.as_str(), path: shown, bytes: body.as_ref().map_or(0, |b| b.len()) };
    if world.journal_open && head.method == Method::GET && path == "/journal" {
        return show_journal(world, head.uri.query().unwrap_or_default());
    }
    if world.journal_open && head.method == Method::POST && path == "/model-fault" {
        return take_model_fault(world, &body.unwrap_or_default());
    }
    let client = provider::client(&head.headers, head.uri.query().unwrap_or_default());
    let found = provider::find(&head.method, &path, client);
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return unread(world, &asked, found.map(|(dialect, _)| dialect), refusal).await,
    };
    match found {
        Some((dialect, Route::Ask)) => ask(world, dialect, &asked, &body).await,
        Some((dialect, Route::Upload)) => {
            let response = world.files.take(dialect, &head.headers, body, world.next_id()).await;
            let said = Said { dialect: Some(dialect.name()), ..Said::default() };
            world.journal.record(Kind::Model, &asked, response.status().as_u16(), said).await;
            response
        }
        Some((dialect, Route::Fixed(status, answer))) => {
            let said = Said { dialect: Some(dialect.name()), ..Said::default() };
            world.journal.record(Kind::Model, &asked, status, said).await;
            dialect.signed(provider::json(status, &answer), world.next_id())
        }
        None if control::owns(&path) || peers::owns(&path) => {
            let answered = match peers::owns(&path) {
                true => world.peers.answer(&head, &body),
                false => world.control.answer(&head, &body, &world.peers).await,
            };
            let status = answered.response.status().as_u16();
            world.journal.record(answered.kind, &asked, status, answered.said).await;
            answered.response
        }
        None => unknown(world, &asked, &head.method, &path, client).await,
    }
}

/// A request whose body did not come as it should. What may come of it yet is no request: the connection ends.
async fn unread(
    world: &World,
    asked: &Asked<'_>,
    dialect: Option<&'static dyn Dialect>,
    refusal: Refusal,
) -> Response<Body> {
    let mut response = match dialect {
        Some(dialect) => dialect.refusal(&refusal, world.next_id()),
        None => provider::json(refusal.status, &json!({ "error": refusal.message })),
    };
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let said = Said { note: Some(refusal.message), ..Said::default() };
    world.journal.record(Kind::Unknown, asked, refusal.status, said).await;
    response
}

/// The newest calls as NDJSON; `kind=model`, `path=…` and `since=N` choose among them.
fn show_journal(world: &World, query: &str) -> Response<Body> {
    let asked = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let since = asked("since").and_then(|since| since.parse().ok()).unwrap_or(0);
    let fits = |call: &Call| {
        call.seq >= since
            && asked("kind").is_none_or(|kind| call.kind.name() == kind)
            && asked("path").is_none_or(|path| call.path.starts_with(path))
    };
    let calls = world.since(Mark::default());
    let lines = calls.iter().filter(|call| fits(call)).filter_map(|call| serde_json::to_string(&**call).ok());
    let text: String = lines.map(|line| line + "\n").collect();
    provider::respond(200, "application/x-ndjson", text.into())
}

/// What the next answers suffer from, one each: model faults with spaces between them. None only tells how many are to come.
fn take_model_fault(world: &World, body: &[u8]) -> Response<Body> {
    let read: Result<Vec<ModelFault>, _> =
        String::from_utf8_lossy(body).split_whitespace().map(str::parse).collect();
    match read {
        Ok(model_faults) => provider::json(200, &json!({ "waiting": world.inject_next(model_faults) })),
        Err(unknown) => provider::json(400, &json!({ "error": unknown.to_string() })),
    }
}

/// Asks the model.
async fn ask(world: &World, dialect: &'static dyn Dialect, asked: &Asked<'_>, body: &[u8]) -> Response<Body> {
    let mut said = Said { dialect: Some(dialect.name()), ..Said::default() };
    let id = world.next_id();
    let mut held_back = Duration::ZERO;
    let violations = Violations::new(world.lenient);
    let read = dialect.read(&provider::Asked { path: asked.path, body }, &world.files, &violations);
    let read = read.and_then(|mut prompt| {
        world.threads.resume(&mut prompt, &violations)?;
        Ok(prompt)
    });
    said.lenient = violations.into_found();
    let response = match read {
        Ok(prompt) => {
            let mut answer = world.model.answer(&prompt);
            for (at, call) in answer.calls.iter_mut().enumerate() {
                call.id = format!("call_{id:020}{at}");
            }
            let model_fault = world.fault_plan.of(&prompt);
            said.note = model_fault.map(|model_fault| model_fault.to_string());
            said.model_fault = model_fault;
            held_back = model_fault.map_or(Duration::ZERO, ModelFault::before_the_head);
            let response = provider::deliver(dialect, &prompt, &answer, id, model_fault);
            // without model fault an answer is out at once
            let response = match model_fault {
                Some(_) => response.map(|body| on_its_way(body, &mut said)),
                None => response,
            };
            if let (Some(id), true) = (dialect.kept_as(id), model_fault.is_none_or(ModelFault::is_slow)) {
                world.threads.keep(id, &prompt, &answer);
            }
            said.prompt = Some(prompt);
            said.answer = Some(answer);
            response
        }
        Err(refusal) => {
            said.note = Some(refusal.message.clone());
            dialect.refusal(&refusal, id)
        }
    };
    world.journal.record(Kind::Model, asked, response.status().as_u16(), said).await;
    if !held_back.is_zero() {
        sleep(held_back).await;
    }
    response
}

/// A body that counts as on its way until it is out, or its reader is gone.
fn on_its_way(body: Body, said: &mut Said) -> Body {
    let open = Arc::new(());
    said.on_its_way = Arc::downgrade(&open);
    Body::from_stream(body.into_data_stream().inspect(move |_| {
        let _ = &open;
    }))
}

/// Probes get a cheap answer; anything else is told apart from what is served.
async fn unknown(
    world: &World,
    asked: &Asked<'_>,
    method: &Method,
    path: &str,
    client: Option<&'static dyn Dialect>,
) -> Response<Body> {
    let response = match (method, path) {
        (&Method::GET | &Method::HEAD, "/") => provider::json(200, &json!({ "name": "coalmine world" })),
        _ => {
            let refusal = Refusal { status: 404, message: format!("Invalid URL ({method} {path})") };
            provider::near(path, client).refusal(&refusal, world.next_id())
        }
    };
    world.journal.record(Kind::Unknown, asked, response.status().as_u16(), Said::default()).await;
    response
}
