//! The RPC endpoint: one request in, one answer or a stream of answers out, always with HTTP 200.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{
    methods::{self, Answer},
    stream,
};
use crate::{
    agent::Agent,
    fault::Fault,
    wire::{Dialect, ErrorKind, Method, Outbound, Request, RpcError, failure, success},
};

pub(super) async fn serve(
    State(agent): State<Arc<Agent>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if agent.faults.is(Fault::BootCrashOnMessage) {
        crash();
    }
    let version = headers.get("a2a-version").map_or("", |version| version.to_str().unwrap_or("?"));
    // Without a known method the header says in which dialect an error is understood.
    let spoken = Dialect::of_header(version);
    let guess = *spoken.as_ref().unwrap_or(&Dialect::V1_0);
    let request = match parse(body) {
        Ok(request) => request,
        Err((id, error)) => return Json(failure(&id, guess, &error)).into_response(),
    };
    let (dialect, method) = match Method::parse(&request.method) {
        Some((dialect, method)) => (dialect, Ok(method)),
        None => {
            (guess, Err(RpcError::new(ErrorKind::MethodNotFound, format!("no method `{}`", request.method))))
        }
    };
    let result = match spoken.and(method) {
        Ok(method) => methods::call(&agent, dialect, method, request.params).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(Answer::Whole(result)) => Json(success(&request.id, result)).into_response(),
        Ok(Answer::Stream(follower, history_length)) => {
            stream::respond(request.id, Outbound { dialect, history_length }, *follower, &agent.streams)
        }
        Ok(Answer::Silence) => stream::silence(),
        Err(error) => Json(failure(&request.id, dialect, &error)).into_response(),
    }
}

fn parse(body: Result<Bytes, BytesRejection>) -> Result<Request, (Value, RpcError)> {
    let body =
        body.map_err(|error| (Value::Null, RpcError::new(ErrorKind::InvalidRequest, error.body_text())))?;
    Request::parse(&body)
}

/// Ends the process as a panic in a runtime's main thread would.
#[expect(clippy::print_stderr, reason = "the fault is a crash, and a crash leaves its last words on stderr")]
#[expect(clippy::exit, reason = "the fault is that the whole process ends")]
fn crash() -> ! {
    eprintln!("thread 'main' panicked: cannot handle the message: the executor is gone");
    std::process::exit(101)
}
