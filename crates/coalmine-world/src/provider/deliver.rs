//! Sends an answer as one body or frame by frame, with the injected fault, if there is one.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Response, header::RETRY_AFTER},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::sleep;

use super::{Dialect, ModelFault, pieces};
use crate::{
    Answer, Prompt,
    http::{Refusal, respond},
};

/// How long the first half of a cut answer has to leave; an error that followed at once would discard it.
const BEFORE_CUT: Duration = Duration::from_millis(50);

/// Maximum number of bytes of the tools of a prompt, which some vendors send back several times.
const MAX_TOOLS: usize = 4 << 20;
/// Maximum number of bytes of an answer as a stream, and the usual number of bytes of one of its frames.
const MAX_ANSWER: usize = 16 << 20;
const FRAME: usize = 400;

/// The content type of a stream whose readers take each piece for a line.
const NDJSON: &str = "application/x-ndjson";

/// Checks that an answer, and the parts of its prompt that are sent back with it, are not too long.
pub(crate) fn check_length(prompt: &Prompt, answer: &Answer) -> Result<(), Refusal> {
    let too_long = |what| Err(Refusal { status: 413, message: format!("{what} too long.") });
    if prompt.weight_of_tools() > MAX_TOOLS {
        return too_long("The tools of the request are");
    }
    let arguments = answer.calls.iter().map(|call| pieces(&call.arguments.to_string()).count());
    let words = pieces(&answer.text).count().saturating_add(arguments.sum());
    // each piece of a stream names the model
    let frame = prompt.model.len().saturating_add(FRAME);
    let stream = frame.saturating_mul(words.saturating_add(1));
    if stream.saturating_add(answer.weight()) > MAX_ANSWER {
        return too_long("The answer, or the name of the model, is");
    }
    Ok(())
}

/// Creates the response that carries an answer. Without a fault, a stream of events is sent in one piece,
/// because nothing is worth waiting for.
pub(crate) fn deliver(
    dialect: &dyn Dialect,
    prompt: &Prompt,
    answer: &Answer,
    id: u64,
    model_fault: Option<ModelFault>,
) -> Response<Body> {
    if let Some(ModelFault::Status { status, retry_after }) = model_fault {
        return fail(dialect, status, retry_after, id);
    }
    let response = if prompt.stream {
        let frames = dialect.frames(prompt, answer, id).into_iter().map(|frame| dialect.encode(frame));
        send(dialect.stream_type(), frames.collect(), model_fault)
    } else {
        // `Value::to_string` would go through a formatter, piece by piece
        let body = serde_json::to_string(&dialect.body(prompt, answer, id)).unwrap_or_default();
        send("application/json", vec![body.into()], model_fault)
    };
    dialect.with_request_id(response, id)
}

fn send(content_type: &'static str, frames: Vec<Bytes>, model_fault: Option<ModelFault>) -> Response<Body> {
    match model_fault {
        None | Some(ModelFault::SlowFirst(_)) if content_type == NDJSON => {
            send_paced(content_type, as_pieces(frames), Duration::ZERO)
        }
        None | Some(ModelFault::Status { .. } | ModelFault::SlowFirst(_)) => {
            respond(200, content_type, frames.concat().into())
        }
        Some(ModelFault::Reset) => send_paced(content_type, vec![Err(reset())], Duration::ZERO),
        Some(ModelFault::Cut) => send_half(content_type, frames),
        Some(ModelFault::SlowWords(delay)) => send_paced(content_type, as_pieces(frames), delay),
    }
}

fn fail(dialect: &dyn Dialect, status: u16, retry_after: Option<u64>, id: u64) -> Response<Body> {
    let message = match status {
        429 => "Rate limit reached. Please try again later.",
        529 => "Overloaded",
        _ => "The server had an error while processing your request.",
    };
    let mut response = dialect.refusal_response(&Refusal { status, message: message.into() }, id);
    if let Some(after) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after));
    }
    response
}

/// Returns how long a whole response is held back. An answer in one piece holds all its words, each of which
/// may be delayed.
pub(crate) fn delay_of_head(prompt: &Prompt, answer: &Answer, model_fault: ModelFault) -> Duration {
    match model_fault {
        ModelFault::SlowWords(delay) if !prompt.stream => {
            let arguments = answer.calls.iter().map(|call| pieces(&call.arguments.to_string()).count());
            let words = arguments.fold(pieces(&answer.text).count(), usize::saturating_add);
            delay.saturating_mul(u32::try_from(words.max(1)).unwrap_or(u32::MAX))
        }
        ModelFault::SlowFirst(delay) | ModelFault::SlowWords(delay) => delay,
        ModelFault::Status { .. } | ModelFault::Cut | ModelFault::Reset => Duration::ZERO,
    }
}

/// Sends the first half of the bytes, and then breaks the connection off.
fn send_half(content_type: &'static str, frames: Vec<Bytes>) -> Response<Body> {
    let mut all = Bytes::from(frames.concat());
    let half = all.split_to(all.len() / 2);
    send_paced(content_type, vec![Ok(half), Err(reset())], BEFORE_CUT)
}

fn reset() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "broken off on purpose")
}

fn as_pieces(frames: Vec<Bytes>) -> Vec<io::Result<Bytes>> {
    frames.into_iter().map(Ok).collect()
}

/// Sends a body piece by piece, with a delay before each piece except the first.
fn send_paced(content_type: &'static str, pieces: Vec<io::Result<Bytes>>, delay: Duration) -> Response<Body> {
    let paced = stream::unfold(pieces.into_iter().enumerate(), move |mut pieces| async move {
        let (index, piece) = pieces.next()?;
        if index > 0 && delay.is_zero() {
            // lets the previous piece leave by itself
            tokio::task::yield_now().await;
        } else if index > 0 {
            sleep(delay).await;
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
    use crate::ToolCall;

    #[test]
    fn whole_answers_wait_for_all_their_words() {
        let delay = Duration::from_millis(20);
        let call = ToolCall { id: "c".into(), name: "f".into(), arguments: "a b".into() };
        let (whole, stream) = (Prompt::default(), Prompt { stream: true, ..Prompt::default() });
        let text = |text: &str| Answer { text: text.into(), calls: vec![] };
        let slow =
            |prompt: &Prompt, answer: &Answer| delay_of_head(prompt, answer, ModelFault::SlowWords(delay));
        assert_eq!(slow(&whole, &text("It is teal.")), delay * 3);
        assert_eq!(slow(&stream, &text("It is teal.")), delay);
        assert_eq!(slow(&whole, &text("")), delay);
        assert_eq!(slow(&whole, &Answer { text: String::new(), calls: vec![call] }), delay * 2);
        assert_eq!(delay_of_head(&whole, &text("a b"), ModelFault::SlowFirst(delay)), delay);
    }

    #[test]
    fn bounds_what_a_stream_repeats() {
        let answer = |words: usize| Answer { text: "a ".repeat(words), calls: vec![] };
        let prompt = |model: usize| Prompt { model: "m".repeat(model), ..Prompt::default() };
        assert_eq!(check_length(&prompt(5_000), &answer(100)), Ok(()));
        assert_eq!(check_length(&prompt(10), &answer(10_000)), Ok(()));
        for (model, words) in [(10, 50_000), (200_000, 100), (20 << 20, 1)] {
            assert_eq!(
                check_length(&prompt(model), &answer(words)).unwrap_err().status,
                413,
                "{model} {words}"
            );
        }
        let parameters = "x".repeat(MAX_TOOLS).into();
        let tools = vec![crate::ToolOffer { name: "f".into(), parameters }];
        assert_eq!(check_length(&Prompt { tools, ..Prompt::default() }, &answer(1)).unwrap_err().status, 413);
    }

    #[tokio::test]
    async fn sends_lines_one_by_one_and_events_together() {
        for (content_type, pieces) in [(NDJSON, 2), ("text/event-stream", 1)] {
            let sent = send(content_type, vec!["a\n".into(), "b\n".into()], None);
            assert_eq!(sent.into_body().into_data_stream().count().await, pieces, "{content_type}");
        }
    }
}
