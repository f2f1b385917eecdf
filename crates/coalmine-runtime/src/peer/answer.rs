//! What a peer answered, in either dialect.

use serde_json::Value;

use super::error::PeerError;

/// Longest answer that the model is shown, in characters.
const MAX_TEXT: usize = 100_000;
/// How much of an error is told, in characters.
const MAX_ERROR: usize = 500;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    /// The conversation in which the peer answered.
    pub(super) context_id: Option<String>,
}

impl Answer {
    /// Reads the answer to a send: a task or a message, wrapped or bare.
    pub(super) fn read(response: &Value) -> Result<Self, PeerError> {
        if !response["error"].is_null() {
            return Err(PeerError::Refused(clip(&response["error"].to_string(), MAX_ERROR)));
        }
        let result = &response["result"];
        let wrapped = [&result["task"], &result["message"]].into_iter().find(|inner| inner.is_object());
        let result = wrapped.unwrap_or(result);
        let text = if result["parts"].is_array() { text(result) } else { of_task(result)? };
        if text.is_empty() {
            return Err(PeerError::NoAnswer("it holds no text".to_owned()));
        }
        let context_id = result["contextId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        Ok(Self { text: clip(&text, MAX_TEXT), context_id })
    }
}

/// The text of a task's artifacts, or else of its status.
fn of_task(task: &Value) -> Result<String, PeerError> {
    let status = &task["status"];
    let said = text(&status["message"]);
    let state = status["state"].as_str().unwrap_or_default().to_lowercase().replace('_', "-");
    match state.trim_start_matches("task-state-") {
        // a peer that asks back is answered by the model, which may ask it again
        "completed" | "input-required" | "auth-required" => {
            let artifacts = task["artifacts"].as_array().into_iter().flatten().map(text);
            let text = artifacts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            Ok(if text.is_empty() { said } else { text })
        }
        state => {
            let told = format!("the task is `{state}` {said}");
            Err(PeerError::NoAnswer(clip(told.trim_end(), MAX_ERROR)))
        }
    }
}

/// The text parts of a message or an artifact, joined by line breaks.
fn text(holder: &Value) -> String {
    let parts = holder["parts"].as_array().into_iter().flatten();
    parts.filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
}

fn clip(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(result: Value) -> Result<(String, Option<String>), String> {
        let answer = Answer::read(&json!({ "result": result })).map_err(|error| error.to_string())?;
        Ok((answer.text, answer.context_id))
    }

    #[test]
    fn an_answer_is_read_in_all_its_shapes() {
        let text = |text: &str| json!({ "parts": [{ "text": text }, { "data": {} }, { "kind": "text", "text": "b" }] });
        let task =
            |state: &str| json!({ "contextId": "c", "status": { "state": state }, "artifacts": [text("a")] });
        let expected = Ok(("a\nb".to_owned(), Some("c".to_owned())));
        assert_eq!(read(task("completed")), expected);
        assert_eq!(read(json!({ "task": task("TASK_STATE_COMPLETED") })), expected);
        let mut message = text("a");
        message["contextId"] = json!("c");
        assert_eq!(read(message.clone()), expected);
        assert_eq!(read(json!({ "message": message })), expected);
        for state in ["input-required", "TASK_STATE_INPUT_REQUIRED"] {
            let asked = json!({ "status": { "state": state, "message": text("a") } });
            assert_eq!(read(asked), Ok(("a\nb".to_owned(), None)));
        }
    }

    #[test]
    fn what_is_no_answer_says_why() {
        let why = json!({ "parts": [{ "text": "no fuel" }] });
        for (result, told) in [
            (json!({ "status": { "state": "failed", "message": why } }), "`failed` no fuel"),
            (json!({ "task": { "status": { "state": "TASK_STATE_WORKING" } } }), "`working`"),
            (json!({ "status": { "state": "completed" } }), "no text"),
            (json!({ "parts": [] }), "no text"),
            (json!("x"), "the task is ``"),
        ] {
            let error = read(result).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        let refused = Answer::read(&json!({ "error": { "code": -32602 } })).unwrap_err().to_string();
        assert!(refused.contains("-32602"), "{refused}");
    }
}
