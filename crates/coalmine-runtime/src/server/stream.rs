//! A task's events as server-sent events: each a whole JSON-RPC answer, the task itself first.

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

pub(super) fn respond(id: Value, out: Outbound, follower: Follower, streams: &Arc<Streams>) -> Response {
    let listener = streams.listen(follower.audience());
    let cut_off = listener.cut_off();
    let task = follower.first();
    let (task_id, context_id) = (task.id.clone(), task.context_id.clone());
    let first = out.sent(task);
    let later = stream::unfold((follower, listener), move |(mut follower, mut listener)| {
        let (task_id, context_id) = (task_id.clone(), context_id.clone());
        async move {
            let event = follower.next().await?;
            if event.is_last() {
                listener.hear_out();
            }
            Some((out.event(&task_id, &context_id, &event), (follower, listener)))
        }
    });
    let events = stream::once(async { first })
        .chain(later)
        .take_until(cut_off)
        .map(move |result| Ok::<_, Infallible>(Event::default().data(success(&id, result).to_string())));
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// A stream without any event.
pub(super) fn silence() -> Response {
    Sse::new(stream::empty::<Result<Event, Infallible>>()).into_response()
}
