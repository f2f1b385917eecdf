//! The RPC endpoint: one request in, one answer or a stream of answers out, always with HTTP 200.

use std::{future, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{
    methods::{self, Output},
    stream,
};
use crate::{
    agent::Agent,
    fault::Fault,
    wire::{Dialect, EnvelopeError, ErrorKind, Method, Outbound, Request, RpcError, failure, success},
};

pub(super) async fn serve(
    State(agent): State<Arc<Agent>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if agent.faults.is(Fault::BootCrashOnMessage) {
        agent.crashed.cancel();
        return future::pending().await;
    }
    let version = headers.get("a2a-version").map_or("", |version| version.to_str().unwrap_or("?"));
    // If the method is unknown, the header decides the dialect of the error.
    let requested = Dialect::from_header(version);
    let fallback = *requested.as_ref().unwrap_or(&Dialect::V1_0);
    let request = match parse(body) {
        Ok(request) => request,
        Err(EnvelopeError { id, error }) => return Json(failure(&id, fallback, &error)).into_response(),
    };
    let (dialect, method) = match Method::parse(&request.method) {
        Some((dialect, method)) => (dialect, Ok(method)),
        None => {
            let message = format!("unknown method `{}`", request.method);
            (fallback, Err(RpcError::new(ErrorKind::MethodNotFound, message)))
        }
    };
    let result = match requested.and(method) {
        Ok(method) => methods::call(&agent, dialect, method, request.params).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(Output::Value(result)) => Json(success(&request.id, result)).into_response(),
        Ok(Output::Stream(follower, history_length)) => {
            stream::respond(request.id, Outbound { dialect, history_length }, *follower, &agent.streams)
        }
        Ok(Output::EmptyStream) => stream::respond_empty(),
        Err(error) => Json(failure(&request.id, dialect, &error)).into_response(),
    }
}

fn parse(body: Result<Bytes, BytesRejection>) -> Result<Request, EnvelopeError> {
    let body = body.map_err(|rejection| EnvelopeError {
        id: Value::Null,
        error: RpcError::new(ErrorKind::InvalidRequest, rejection.body_text()),
    })?;
    Request::parse(&body)
}
