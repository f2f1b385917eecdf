//! What the simulated model reads: files, schemas, and calls in plain text.

use coalmine_world::{
    Message, Prompt, ResponseFormat, Role,
    fuzzing::{read_files, read_plain_messages},
    model::SimulatedModel,
};
use serde_json::Value;

use crate::text::parts;

/// The most bytes that are decoded of one file; Latin-1 takes two for one.
const MAX_DECODED: usize = 8 << 20;

/// Reads files that arrived with a message: PNG, PDF, text.
pub(crate) fn attachment(input: &[u8]) {
    for part in [vec![input], parts(input)] {
        let contents: Vec<_> = part.iter().map(|content| content.to_vec()).collect();
        let texts = read_files(contents.clone());
        for (content, text) in contents.iter().zip(&texts) {
            assert!(text.len() <= 3 * content.len() + 1 + MAX_DECODED, "{} bytes", text.len());
            let plain = String::from_utf8_lossy(content);
            assert!(text.starts_with(&*plain), "the file as plain text comes first");
        }
    }
}

/// Answers in the format of a JSON Schema. Parts after the first are texts that the prompt holds.
pub(crate) fn schema(input: &[u8]) {
    let parts = parts(input);
    let Ok(schema) = serde_json::from_slice::<Value>(parts[0]) else { return };
    let mut messages = vec![Message::text(Role::User, "What is my name?")];
    messages.extend(parts[1..].iter().map(|text| Message::text(Role::User, String::from_utf8_lossy(text))));
    let prompt = Prompt { messages, response_format: ResponseFormat::Schema(schema), ..Prompt::default() };
    let answer = SimulatedModel::default().answer(&prompt);
    let written: Result<Value, _> = serde_json::from_str(&answer.text);
    assert!(written.is_ok(), "{}", answer.text);
    // a schema can demand some length, and many elements, but not everything at once
    assert!(answer.text.len() <= 8 << 20, "{} bytes", answer.text.len());
}

/// Reads what frameworks write into plain messages. The parts are the messages, of the system, the user and
/// the assistant by turns.
pub(crate) fn plain_calls(input: &[u8]) {
    let texts: Vec<_> = parts(input).into_iter().map(String::from_utf8_lossy).collect();
    let role = |at: usize| [Role::System, Role::User, Role::Assistant, Role::User][at % 4];
    let messages: Vec<_> =
        texts.iter().enumerate().map(|(at, text)| Message::text(role(at), text.as_ref())).collect();
    let mut prompt = Prompt { messages: messages.clone(), ..Prompt::default() };
    read_plain_messages(&mut prompt);
    assert!(prompt.functions.len() <= 200);
    assert!((messages.len()..=2 * messages.len()).contains(&prompt.messages.len()), "no message is dropped");
    let (before, after) = (Prompt { messages, ..Prompt::default() }.everything(), prompt.everything());
    assert!(after.len() <= before.len() && after.len() + 11 * texts.len() >= before.len());
    for stop in [vec![], vec!["Observation:".to_owned(), "Calling tools:".to_owned()], vec!["</code>".into()]]
    {
        let prompt = Prompt { stop, ..prompt.clone() };
        let answer = SimulatedModel::default().answer(&prompt);
        let _ = prompt.calls_in(&answer);
        assert!(answer.text.len() <= 4 * input.len() + 10_000, "{}", answer.text.len());
    }
}
