//! A call of a peer: messages are answered, tasks are returned, everything else is refused as the
//! specification says.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::Value;

use super::{
    Inquiry,
    peer::CompiledPeer,
    roster::Peers,
    task::Task,
    wire::{
        InvalidRequest, METHOD, Method, NO_EXTENDED_CARD, NO_PUSH, NO_TASK, NOT_CANCELABLE, PARAMS, REQUEST,
        RpcError, RpcRequest, UNSUPPORTED, Version, failure, success,
    },
};
use crate::{
    CallContent, CallKind,
    http::{is_too_wide, json, respond},
    server::RecordedResponse,
};

/// Maximum length of a `contextId` in bytes.
const MAX_CONTEXT: usize = 1_000;

/// The result of a call.
enum Outcome {
    Single(Value),
    Stream(Vec<Value>),
}

impl Peers {
    /// Answers a JSON-RPC call. If `allow_bare`, it may come without its envelope.
    pub(super) fn call(
        &self,
        peer: &CompiledPeer,
        headers: &HeaderMap,
        body: &[u8],
        allow_bare: bool,
    ) -> RecordedResponse {
        let mut content = CallContent::default();
        let header = headers.get("a2a-version").map_or("", |version| version.to_str().unwrap_or("?"));
        let requested = Version::from_header(header);
        // if the method is unknown, errors are written in the requested version
        let fallback = *requested.as_ref().unwrap_or(&Version::V1_0);
        let request = if is_too_wide(body) {
            let error = RpcError::new(REQUEST, "the request holds too many values");
            Err(InvalidRequest { id: Value::Null, error })
        } else {
            RpcRequest::parse(body, allow_bare)
        };
        let (id, version, outcome) = match request {
            Err(InvalidRequest { id, error }) => (id, fallback, Err(error)),
            Ok(RpcRequest { id, method, params }) => match Method::parse(&method) {
                None => (id, fallback, Err(RpcError::new(METHOD, "unknown method"))),
                Some((version, method)) => {
                    if matches!(method, Method::Send | Method::Stream) {
                        // recorded even if the call fails, because the peer has received it
                        content.peer = Some(Inquiry::read(&peer.peer.id, &params));
                    }
                    let outcome =
                        requested.and_then(|_| self.perform(peer, version, method, &params, &mut content));
                    (id, version, outcome)
                }
            },
        };
        content.dialect = Some(version.name());
        let response = match &outcome {
            Ok(Outcome::Single(result)) => json(200, &success(&id, result)),
            Ok(Outcome::Stream(events)) => {
                let stream: String =
                    events.iter().map(|event| format!("data: {}\n\n", success(&id, event))).collect();
                respond(200, "text/event-stream", stream.into())
            }
            Err(error) => {
                content.note = Some(error.message.to_owned());
                json(200, &failure(&id, version, error))
            }
        };
        RecordedResponse { kind: CallKind::Peer, content, response }
    }

    fn perform(
        &self,
        peer: &CompiledPeer,
        version: Version,
        method: Method,
        params: &Value,
        content: &mut CallContent,
    ) -> Result<Outcome, RpcError> {
        let task = || self.task(peer, &params["id"]);
        match method {
            Method::Send => Ok(Outcome::Single(self.accept(peer, params, content)?.send_result(version))),
            Method::Stream => Ok(Outcome::Stream(self.accept(peer, params, content)?.events(version))),
            Method::Get => Ok(Outcome::Single(task()?.to_json(version))),
            Method::Cancel => {
                task().and(Err(RpcError::new(NOT_CANCELABLE, "the task has ended and cannot be canceled")))
            }
            Method::Subscribe => task().and(Err(RpcError::new(UNSUPPORTED, "the task has ended"))),
            Method::List => Err(RpcError::new(UNSUPPORTED, "listing tasks is not supported")),
            Method::Push => Err(RpcError::new(NO_PUSH, "push notifications are not supported")),
            Method::ExtendedCard => Err(RpcError::new(NO_EXTENDED_CARD, "no extended card is configured")),
        }
    }

    /// Accepts a message and answers it.
    fn accept(
        &self,
        peer: &CompiledPeer,
        params: &Value,
        content: &mut CallContent,
    ) -> Result<Arc<Task>, RpcError> {
        let invalid = |message| RpcError::new(PARAMS, message);
        let message = params.get("message").filter(|message| message.is_object());
        let message = message.ok_or(invalid("`message` is missing"))?;
        if message["messageId"].as_str().is_none_or(str::is_empty) {
            return Err(invalid("`message.messageId` is missing"));
        }
        if message["parts"].as_array().is_none_or(Vec::is_empty) {
            return Err(invalid("`message.parts` is missing or empty"));
        }
        let context = match &message["contextId"] {
            Value::Null => None,
            Value::String(id) if id.len() > MAX_CONTEXT => {
                return Err(invalid("`message.contextId` is too long"));
            }
            Value::String(id) => Some(id.as_str()).filter(|id| !id.is_empty()),
            _ => return Err(invalid("`message.contextId` is not a string")),
        };
        if message["taskId"].as_str().is_some_and(|id| !id.is_empty()) {
            let task = self.task(peer, &message["taskId"])?;
            return Err(match context {
                Some(context) if context != task.context => invalid("the task belongs to another context"),
                _ => RpcError::new(UNSUPPORTED, "the task has ended and accepts no more messages"),
            });
        }
        let inquiry = content.peer.get_or_insert_default();
        let answer = peer.answer(&inquiry.text);
        inquiry.answer = Some(answer.to_owned());
        Ok(self.tasks.add(Task::new(&peer.peer.id, context, answer)))
    }

    fn task(&self, peer: &CompiledPeer, id: &Value) -> Result<Arc<Task>, RpcError> {
        let id = id.as_str().ok_or(RpcError::new(PARAMS, "`id` is missing"))?;
        self.tasks.find(&peer.peer.id, id).ok_or(RpcError::new(NO_TASK, "unknown task"))
    }
}
