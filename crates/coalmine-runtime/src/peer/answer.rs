//! The answer of a peer, in either dialect, or the reason why there is none.

use serde_json::Value;

use crate::text::clip;

/// The longest answer that the model sees, in characters.
const MAX_TEXT: usize = 100_000;
/// How many characters of an error are shown.
const MAX_ERROR: usize = 500;

/// Why a peer gave no answer. The model reads the text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    #[error("could not find peers: there is no platform, because `PLATFORM_URL` is not set")]
    NoPlatform,
    #[error("could not locate the peer `{agent}`: {problem}; known peers: {known}")]
    Unknown { agent: String, problem: String, known: String },
    #[error("could not fetch the card of the peer: {0}")]
    NoCard(String),
    #[error("could not ask the peer: {0}")]
    Unreachable(String),
    #[error("the peer rejected the message: {0}")]
    Rejected(String),
    #[error("the answer of the peer is unusable: {0}")]
    Unusable(String),
    #[error("could not look up the conversation with the peer: {0}")]
    Store(#[from] std::io::Error),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct PeerAnswer {
    pub(super) text: String,
    /// The context in which the peer answered.
    pub(super) context_id: Option<String>,
}

impl PeerAnswer {
    /// Reads the answer to a message, which is a task or a message, wrapped or bare.
    pub(super) fn read(response: &Value) -> Result<Self, PeerError> {
        if !response["error"].is_null() {
            return Err(PeerError::Rejected(clip(&response["error"].to_string(), MAX_ERROR)));
        }
        let result = &response["result"];
        let wrapped = [&result["task"], &result["message"]].into_iter().find(|inner| inner.is_object());
        let result = wrapped.unwrap_or(result);
        let text = if result["parts"].is_array() { joined_text(result) } else { task_text(result)? };
        if text.is_empty() {
            return Err(PeerError::Unusable("it contains no text".to_owned()));
        }
        let context_id = result["contextId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        Ok(Self { text: clip(&text, MAX_TEXT), context_id })
    }
}

/// Returns the text of a task's artifacts, or that of its status if they have none.
fn task_text(task: &Value) -> Result<String, PeerError> {
    let status = &task["status"];
    let status_text = joined_text(&status["message"]);
    let state = status["state"].as_str().unwrap_or_default().to_lowercase().replace('_', "-");
    match state.trim_start_matches("task-state-") {
        // If the peer asks a question, the model can answer it in another call.
        "completed" | "input-required" | "auth-required" => {
            let artifacts = task["artifacts"].as_array().into_iter().flatten().map(joined_text);
            let text = artifacts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            Ok(if text.is_empty() { status_text } else { text })
        }
        state => {
            let problem = format!("the task is `{state}` {status_text}");
            Err(PeerError::Unusable(clip(problem.trim_end(), MAX_ERROR)))
        }
    }
}

/// Returns the text parts of a message or an artifact, one per line.
fn joined_text(value: &Value) -> String {
    let parts = value["parts"].as_array().into_iter().flatten();
    parts.filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(result: Value) -> Result<PeerAnswer, String> {
        PeerAnswer::read(&json!({ "result": result })).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_all_shapes_of_answers() {
        let text = |text: &str| json!({ "parts": [{ "text": text }, { "data": {} }, { "kind": "text", "text": "b" }] });
        let task =
            |state: &str| json!({ "contextId": "c", "status": { "state": state }, "artifacts": [text("a")] });
        let expected = Ok(PeerAnswer { text: "a\nb".to_owned(), context_id: Some("c".to_owned()) });
        assert_eq!(read(task("completed")), expected);
        assert_eq!(read(json!({ "task": task("TASK_STATE_COMPLETED") })), expected);
        let mut message = text("a");
        message["contextId"] = json!("c");
        assert_eq!(read(message.clone()), expected);
        assert_eq!(read(json!({ "message": message })), expected);
        for state in ["input-required", "TASK_STATE_INPUT_REQUIRED"] {
            let asked = json!({ "status": { "state": state, "message": text("a") } });
            assert_eq!(read(asked), Ok(PeerAnswer { text: "a\nb".to_owned(), context_id: None }));
        }
    }

    #[test]
    fn errors_say_why_there_is_no_answer() {
        let why = json!({ "parts": [{ "text": "no fuel" }] });
        for (result, reason) in [
            (json!({ "status": { "state": "failed", "message": why } }), "`failed` no fuel"),
            (json!({ "task": { "status": { "state": "TASK_STATE_WORKING" } } }), "`working`"),
            (json!({ "status": { "state": "completed" } }), "no text"),
            (json!({ "parts": [] }), "no text"),
            (json!("x"), "the task is ``"),
        ] {
            let error = read(result).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        let refused = PeerAnswer::read(&json!({ "error": { "code": -32602 } })).unwrap_err().to_string();
        assert!(refused.contains("-32602"), "{refused}");
    }
}
