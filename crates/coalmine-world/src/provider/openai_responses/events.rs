//! The typed events of a streamed response.

use serde_json::{Value, json};

use super::{super::pieces, function_call, message, output_items, part, response, status};
use crate::{Answer, Prompt};

/// Writes all events of an answer, in order.
pub(super) fn events(prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String> {
    let mut events = Events(vec![]);
    let begun = response(prompt, None, id);
    events.push("response.created", json!({ "response": begun }));
    events.push("response.in_progress", json!({ "response": begun }));
    if answer.calls.is_empty() {
        add_text(&mut events, prompt, answer, id);
    } else {
        add_calls(&mut events, prompt, answer, id);
    }
    let end = format!("response.{}", status(prompt, answer));
    events.push(&end, json!({ "response": response(prompt, Some(answer), id) }));
    events.0
}

fn add_text(events: &mut Events, prompt: &Prompt, answer: &Answer, id: u64) {
    let begun = message(id, "in_progress", vec![]);
    let location = json!({ "item_id": begun["id"], "output_index": 0, "content_index": 0 });
    events.push("response.output_item.added", json!({ "output_index": 0, "item": begun }));
    events.push("response.content_part.added", with(&location, json!({ "part": part("") })));
    for piece in pieces(&answer.text) {
        events.push("response.output_text.delta", with(&location, json!({ "delta": piece, "logprobs": [] })));
    }
    events.push("response.output_text.done", with(&location, json!({ "text": answer.text, "logprobs": [] })));
    events.push("response.content_part.done", with(&location, json!({ "part": part(&answer.text) })));
    for item in output_items(prompt, answer, id) {
        events.push("response.output_item.done", json!({ "output_index": 0, "item": item }));
    }
}

fn add_calls(events: &mut Events, prompt: &Prompt, answer: &Answer, id: u64) {
    for (index, (call, done)) in answer.calls.iter().zip(output_items(prompt, answer, id)).enumerate() {
        let location = json!({ "item_id": done["id"], "output_index": index });
        let begun = function_call(call, id, index, "in_progress", "");
        events.push("response.output_item.added", json!({ "output_index": index, "item": begun }));
        let arguments = call.arguments.to_string();
        for piece in pieces(&arguments) {
            events.push("response.function_call_arguments.delta", with(&location, json!({ "delta": piece })));
        }
        let all = with(&location, json!({ "arguments": arguments }));
        events.push("response.function_call_arguments.done", all);
        events.push("response.output_item.done", json!({ "output_index": index, "item": done }));
    }
}

struct Events(Vec<String>);

impl Events {
    /// Adds an event with its type and number.
    fn push(&mut self, kind: &str, data: Value) {
        let data = with(&json!({ "type": kind, "sequence_number": self.0.len() }), data);
        self.0.push(format!("event: {kind}\ndata: {data}\n\n"));
    }
}

/// Merges the fields of two objects.
fn with(base: &Value, more: Value) -> Value {
    let mut all = base.clone();
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ToolCall;

    fn streamed(answer: &Answer) -> Vec<Value> {
        let frames = events(&Prompt::default(), answer, 7);
        let read = |(index, frame): (usize, String)| {
            let (kind, data) = frame.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(data["type"], kind);
            assert_eq!(data["sequence_number"], index);
            data
        };
        frames.into_iter().enumerate().map(read).collect()
    }

    fn deltas(events: &[Value]) -> String {
        events.iter().filter_map(|event| event.get("delta")?.as_str()).collect()
    }

    #[test]
    fn events_add_up_to_the_answer() {
        let text = "Your name is  Zorvane-4417.";
        let events = streamed(&Answer { text: text.into(), calls: vec![] });
        assert_eq!(deltas(&events), text);
        let last = &events[events.len() - 1]["response"];
        assert_eq!(last["output"][0]["content"][0]["text"], text);
        assert_eq!(events[0]["response"]["status"], "in_progress");
        assert_eq!(last["status"], "completed");
    }

    #[test]
    fn cut_answers_are_incomplete() {
        let prompt = Prompt { max_tokens: Some(2), ..Prompt::default() };
        let frames = events(&prompt, &Answer { text: "Your nam".into(), calls: vec![] }, 7);
        let (kind, data) = frames.last().unwrap().split_once("\ndata: ").unwrap();
        let response = &serde_json::from_str::<Value>(data).unwrap()["response"];
        assert_eq!((kind, &response["status"]), ("event: response.incomplete", &json!("incomplete")));
        assert_eq!(response["incomplete_details"]["reason"], "max_output_tokens");
    }

    #[test]
    fn events_add_up_to_the_arguments_of_calls() {
        let call = |id: &str| ToolCall { id: id.into(), name: "f".into(), arguments: json!({"x": "a b"}) };
        let events = streamed(&Answer { text: String::new(), calls: vec![call("c1"), call("c2")] });
        assert_eq!(deltas(&events), r#"{"x":"a b"}{"x":"a b"}"#);
        let output = &events[events.len() - 1]["response"]["output"];
        assert_eq!((&output[0]["call_id"], &output[1]["call_id"]), (&json!("c1"), &json!("c2")));
        assert_eq!(output[1]["arguments"], r#"{"x":"a b"}"#);
    }
}
