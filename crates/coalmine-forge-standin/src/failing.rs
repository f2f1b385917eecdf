//! The answers of a forge that fails.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    body::{Body, Bytes},
    http::Response,
};
use serde_json::{Value, json};

use crate::{fault::Fault, http::Reply, server::respond};

/// The last id of an endless list.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Answers with a fault. `reply` is the right answer, for those that spoil it.
pub(crate) async fn fail(fault: Fault, reply: Reply) -> Response<Body> {
    let page = |status: u16, content_type, body: &str| Reply {
        status,
        content_type,
        headers: vec![],
        body: body.to_owned(),
    };
    let limited = page(429, "application/json", r#"{"message":"too many requests"}"#);
    let reply = match fault {
        Fault::Slow => std::future::pending().await,
        Fault::Down => return respond(Reply::empty(200), endless_or_broken(String::new(), false)),
        Fault::Cut => {
            let half = half(&reply.body);
            let length = reply.body.len();
            return respond(reply.header("content-length", length), endless_or_broken(half, false));
        }
        Fault::Endless => {
            let reply = page(200, "application/json", "");
            return respond(reply, endless_or_broken("[0,".repeat(1000), true));
        }
        Fault::Html => page(200, "text/html; charset=utf-8", "<!DOCTYPE html><title>Sign in</title>"),
        Fault::ShortList => shortened(reply),
        Fault::Truncated => Reply { body: half(&reply.body), ..reply },
        Fault::RateLimited(pause) => limited.header("retry-after", pause.as_secs()),
        Fault::RateLimitedSilently => limited,
        Fault::Status(status) => page(status, "application/json", r#"{"message":"a fault"}"#),
        Fault::EndlessPages => endless_page(),
        Fault::Redirect => page(302, "text/html", "").header("location", "/elsewhere"),
        Fault::Nonsense => page(200, "application/json", r#"{"fine":true}"#),
        Fault::DownAfterWrite
        | Fault::ProtectionChanges { .. }
        | Fault::StrictChanges { .. }
        | Fault::ProtectionAppears => reply,
    };
    respond(reply.clone(), Body::from(reply.body))
}

/// Removes the last entry of a list.
fn shortened(mut reply: Reply) -> Reply {
    if let Ok(Value::Array(mut list)) = serde_json::from_str(&reply.body) {
        list.pop();
        reply.body = Value::Array(list).to_string();
    }
    reply
}

/// Returns the first half of a text.
fn half(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

/// Returns a body that repeats a text forever, or breaks after it.
fn endless_or_broken(text: String, endless: bool) -> Body {
    let chunks = futures_util::stream::unfold(0_u32, move |sent| {
        let chunk = match (endless, sent) {
            (true, _) | (false, 0) => Ok(Bytes::from(text.clone())),
            (false, _) => Err(std::io::Error::other("broken on purpose")),
        };
        async move { Some((chunk, sent.saturating_add(1))) }
    });
    Body::from_stream(chunks)
}

/// Returns a page of statuses with ids that no page had before.
fn endless_page() -> Reply {
    let statuses: Vec<_> = (0..50)
        .map(|_| LAST.fetch_add(1, Ordering::Relaxed))
        .map(|id| json!({ "id": id, "status": "success", "context": format!("c{id}") }))
        .collect();
    Reply::json(200, &Value::Array(statuses)).header("x-total-count", u64::MAX)
}
