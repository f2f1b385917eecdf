//! The events of a task as server-sent events: each is a whole JSON-RPC answer, and the first one is the
//! task.

use std::{convert::Infallible, sync::Arc};

use axum::response::{
    IntoResponse as _, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use crate::{
    agent::Streams,
    task::Follower,
    wire::{Outbound, success},
};

/// Answers the request `id` with a stream of the task's events.
pub(super) fn respond(id: Value, out: Outbound, follower: Follower, streams: &Arc<Streams>) -> Response {
    let client = streams.open(follower.signals());
    let cut_off = client.cut_off();
    let task = follower.initial();
    let (task_id, context_id) = (task.id.clone(), task.context_id.clone());
    let first = out.sent(task);
    let later = stream::unfold((follower, client), move |(mut follower, mut client)| {
        let (task_id, context_id) = (task_id.clone(), context_id.clone());
        async move {
            let event = follower.next().await?;
            if event.is_last() {
                client.finish();
            }
            Some((out.event(&task_id, &context_id, &event), (follower, client)))
        }
    });
    let events = stream::once(async { first })
        .chain(later)
        .take_until(cut_off)
        .map(move |result| Ok::<_, Infallible>(Event::default().data(success(&id, result).to_string())));
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// Answers with a stream without any event.
pub(super) fn respond_empty() -> Response {
    Sse::new(stream::empty::<Result<Event, Infallible>>()).into_response()
}
