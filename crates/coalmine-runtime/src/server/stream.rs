//! A task's events as server-sent events: each a whole JSON-RPC answer, the task itself first.

use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use crate::task::Follower;
use crate::wire::{Outbound, success};

pub(super) fn respond(id: Value, out: Outbound, follower: Follower) -> Response {
    let task = follower.first();
    let (task_id, context_id) = (task.id.clone(), task.context_id.clone());
    let first = out.sent(task);
    let later = stream::unfold(follower, move |mut follower| {
        let (task_id, context_id) = (task_id.clone(), context_id.clone());
        async move {
            let event = follower.next().await?;
            Some((out.event(&task_id, &context_id, &event), follower))
        }
    });
    let events = stream::once(async { first })
        .chain(later)
        .map(move |result| Ok::<_, Infallible>(Event::default().data(success(&id, result).to_string())));
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// A stream without any event.
pub(super) fn silence() -> Response {
    Sse::new(stream::empty::<Result<Event, Infallible>>()).into_response()
}
