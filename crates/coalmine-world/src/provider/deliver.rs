//! Sending an answer: whole or frame by frame, at the pace and with the model_fault that are asked for.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Response, header::RETRY_AFTER},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::sleep;

use super::{Dialect, ModelFault, Refusal, respond};
use crate::{Answer, Prompt};

/// How long the first half of a cut answer gets to leave: an error that follows at once would take it along.
const ON_ITS_WAY: Duration = Duration::from_millis(50);

/// The content type of a stream of which readers take each piece for a line.
const LINES: &str = "application/x-ndjson";

/// Sends an answer. Without model fault a stream of events goes out in one piece: nobody waits for nothing.
pub(crate) fn deliver(
    dialect: &dyn Dialect,
    prompt: &Prompt,
    answer: &Answer,
    id: u64,
    model_fault: Option<ModelFault>,
) -> Response<Body> {
    if let Some(ModelFault::Status { status, retry_after }) = model_fault {
        return refuse(dialect, status, retry_after, id);
    }
    let frames = match prompt.stream {
        true => dialect.frames(prompt, answer, id),
        // not `Value::to_string`: that goes through a formatter, piece by piece
        false => vec![serde_json::to_string(&dialect.whole(prompt, answer, id)).unwrap_or_default()],
    };
    let content_type = if prompt.stream { dialect.stream_type() } else { "application/json" };
    dialect.signed(send(content_type, frames, model_fault), id)
}

fn send(content_type: &'static str, frames: Vec<String>, model_fault: Option<ModelFault>) -> Response<Body> {
    match model_fault {
        None | Some(ModelFault::SlowFirst(_)) if content_type == LINES => respond_with(
            content_type,
            frames.into_iter().map(|frame| Ok(frame.into())).collect(),
            Duration::ZERO,
        ),
        None | Some(ModelFault::Status { .. } | ModelFault::SlowFirst(_)) => {
            respond(200, content_type, frames.concat().into())
        }
        Some(ModelFault::Reset) => respond_with(content_type, vec![Err(broken())], Duration::ZERO),
        Some(ModelFault::Cut) => cut(content_type, frames),
        Some(ModelFault::SlowWords(time)) => {
            respond_with(content_type, frames.into_iter().map(|frame| Ok(frame.into())).collect(), time)
        }
    }
}

fn refuse(dialect: &dyn Dialect, status: u16, retry_after: Option<u64>, id: u64) -> Response<Body> {
    let message = match status {
        429 => "Rate limit reached. Please try again later.",
        529 => "Overloaded",
        _ => "The server had an error while processing your request.",
    };
    let mut response = dialect.refusal(&Refusal { status, message: message.into() }, id);
    if let Some(after) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after));
    }
    response
}

/// The first half of the bytes, and then no more.
fn cut(content_type: &'static str, frames: Vec<String>) -> Response<Body> {
    let mut all = Bytes::from(frames.concat());
    let half = all.split_to(all.len() / 2);
    respond_with(content_type, vec![Ok(half), Err(broken())], ON_ITS_WAY)
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "broken off on purpose")
}

/// A body that comes piece by piece: before each but the first this time is waited.
fn respond_with(
    content_type: &'static str,
    pieces: Vec<io::Result<Bytes>>,
    each: Duration,
) -> Response<Body> {
    let paced = stream::unfold(pieces.into_iter().enumerate(), move |mut pieces| async move {
        let (at, piece) = pieces.next()?;
        if at > 0 {
            match each.is_zero() {
                // what is there leaves by itself before the next piece comes
                true => tokio::task::yield_now().await,
                false => sleep(each).await,
            }
        }
        Some((piece, pieces))
    });
    let mut response = respond(200, content_type, Bytes::new());
    *response.body_mut() = Body::from_stream(paced);
    response
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn lines_leave_one_by_one_and_events_together() {
        for (content_type, pieces) in [(LINES, 2), ("text/event-stream", 1)] {
            let sent = send(content_type, vec!["a\n".into(), "b\n".into()], None);
            assert_eq!(sent.into_body().into_data_stream().count().await, pieces, "{content_type}");
        }
    }
}
