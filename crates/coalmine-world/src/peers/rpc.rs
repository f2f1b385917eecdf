//! One call of a peer: a message is answered, a task is shown, everything else is refused as the specification says.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::Value;

use super::{
    Inquiry,
    peer::Known,
    roster::Peers,
    task::Task,
    wire::{
        Dialect, METHOD, Method, NO_EXTENDED_CARD, NO_PUSH, NO_TASK, NOT_CANCELABLE, PARAMS, REQUEST,
        Refusal, Request, UNSUPPORTED, failure, success,
    },
};
use crate::{
    Kind, Said,
    answered::Answered,
    provider::{is_too_wide, json, respond},
};

/// Longest `contextId` in bytes.
const CONTEXT_LENGTH: usize = 1000;

/// What a call brings.
enum Outcome {
    Whole(Value),
    Events(Vec<Value>),
}

impl Peers {
    /// Answers one JSON-RPC call; `bare` ones may come without their envelope.
    pub(super) fn call(&self, peer: &Known, headers: &HeaderMap, body: &[u8], bare: bool) -> Answered {
        let mut said = Said::default();
        let version = headers.get("a2a-version").map_or("", |version| version.to_str().unwrap_or("?"));
        let spoken = Dialect::of_header(version);
        let guess = *spoken.as_ref().unwrap_or(&Dialect::V1_0);
        let request = match is_too_wide(body) {
            true => Err((Value::Null, Refusal::new(REQUEST, "the request holds too many values"))),
            false => Request::read(body, bare),
        };
        let (id, dialect, outcome) = match request {
            Err((id, problem)) => (id, guess, Err(problem)),
            Ok(Request { id, method, params }) => match Method::read(&method) {
                None => (id, guess, Err(Refusal::new(METHOD, "there is no such method"))),
                Some((dialect, method)) => {
                    if matches!(method, Method::Send | Method::Stream) {
                        // kept whatever comes of it: what went along has gone along
                        said.peer = Some(Inquiry::read(&peer.peer.id, &params));
                    }
                    let perform = |_| self.perform(peer, dialect, method, &params, &mut said);
                    (id, dialect, spoken.and_then(perform))
                }
            },
        };
        said.dialect = Some(dialect.name());
        let response = match &outcome {
            Ok(Outcome::Whole(result)) => json(200, &success(&id, result)),
            Ok(Outcome::Events(events)) => {
                let stream: String =
                    events.iter().map(|event| format!("data: {}\n\n", success(&id, event))).collect();
                respond(200, "text/event-stream", stream.into())
            }
            Err(problem) => {
                said.note = Some(problem.message.to_owned());
                json(200, &failure(&id, dialect, problem))
            }
        };
        Answered { kind: Kind::Peer, said, response }
    }

    fn perform(
        &self,
        peer: &Known,
        dialect: Dialect,
        method: Method,
        params: &Value,
        said: &mut Said,
    ) -> Result<Outcome, Refusal> {
        let task = || self.task(peer, &params["id"]);
        match method {
            Method::Send => Ok(Outcome::Whole(self.take(peer, params, said)?.sent(dialect))),
            Method::Stream => Ok(Outcome::Events(self.take(peer, params, said)?.events(dialect))),
            Method::Get => Ok(Outcome::Whole(task()?.whole(dialect))),
            Method::Cancel => {
                task().and(Err(Refusal::new(NOT_CANCELABLE, "the task is over and cannot be canceled")))
            }
            Method::Subscribe => task().and(Err(Refusal::new(UNSUPPORTED, "the task is over"))),
            Method::List => Err(Refusal::new(UNSUPPORTED, "tasks are not listed")),
            Method::Push => Err(Refusal::new(NO_PUSH, "push notifications are not supported")),
            Method::ExtendedCard => Err(Refusal::new(NO_EXTENDED_CARD, "there is no extended card")),
        }
    }

    /// Takes a message in and answers it.
    fn take(&self, peer: &Known, params: &Value, said: &mut Said) -> Result<Arc<Task>, Refusal> {
        let wrong = |message| Refusal::new(PARAMS, message);
        let message = params.get("message").filter(|message| message.is_object());
        let message = message.ok_or(wrong("`message` is missing"))?;
        if message["messageId"].as_str().is_none_or(str::is_empty) {
            return Err(wrong("`message.messageId` is missing"));
        }
        if message["parts"].as_array().is_none_or(Vec::is_empty) {
            return Err(wrong("`message.parts` is missing or empty"));
        }
        let context = match &message["contextId"] {
            Value::Null => None,
            Value::String(id) if id.len() > CONTEXT_LENGTH => {
                return Err(wrong("`message.contextId` is too long"));
            }
            Value::String(id) => Some(id.as_str()).filter(|id| !id.is_empty()),
            _ => return Err(wrong("`message.contextId` is no text")),
        };
        if message["taskId"].as_str().is_some_and(|id| !id.is_empty()) {
            let task = self.task(peer, &message["taskId"])?;
            return Err(match context {
                Some(context) if context != task.context => wrong("the task belongs to another context"),
                _ => Refusal::new(UNSUPPORTED, "the task is over and takes no more messages"),
            });
        }
        let inquiry = said.peer.get_or_insert_default();
        let answer = peer.answer(&inquiry.text);
        inquiry.answer = Some(answer.to_owned());
        Ok(self.tasks.keep(Task::new(&peer.peer.id, context, answer)))
    }

    fn task(&self, peer: &Known, id: &Value) -> Result<Arc<Task>, Refusal> {
        let id = id.as_str().ok_or(Refusal::new(PARAMS, "`id` is missing"))?;
        self.tasks.find(&peer.peer.id, id).ok_or(Refusal::new(NO_TASK, "there is no such task"))
    }
}
