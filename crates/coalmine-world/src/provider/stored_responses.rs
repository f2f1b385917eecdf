//! Responses that the vendor stores, so that a later prompt can continue a conversation or refer to parts of
//! it.

use std::{collections::VecDeque, mem, sync::Mutex};

use super::Violations;
use crate::{Answer, Message, Prompt, PromptFile, Role, ToolCall, http::Refusal, lock::lock};

/// Maximum number of stored responses, and of the bytes of their conversations; the oldest are dropped first.
const MAX_RESPONSES: usize = 1_000;
const MAX_BYTES: usize = 32 << 20;

/// The stored responses of one run.
#[derive(Debug, Default)]
pub(crate) struct StoredResponses(Mutex<ResponseStore>);

#[derive(Debug, Default)]
struct ResponseStore {
    responses: VecDeque<StoredResponse>,
    bytes: usize,
}

#[derive(Debug)]
struct StoredResponse {
    id: String,
    /// The whole conversation up to and including this response, without instructions: those hold for one
    /// prompt only.
    messages: Vec<Message>,
    bytes: usize,
}

/// A part of a response that a prompt can refer to.
enum Item {
    Text(String),
    Call(ToolCall),
}

impl ResponseStore {
    /// Finds the item that the vendor calls `msg_<n>`, or `fc_<n>_<index>`, of the response `resp_<n>`.
    fn find_item(&self, id: &str) -> Option<Item> {
        let (kind, rest) = id.split_once('_')?;
        let (number, index) = rest.split_once('_').unwrap_or((rest, "0"));
        let mut responses = self.responses.iter();
        let response = responses.find(|response| response.id.strip_prefix("resp_") == Some(number))?;
        let answer = response.messages.last()?;
        match kind {
            "msg" => Some(Item::Text(answer.text.clone())),
            "fc" => answer.calls.get(index.parse::<usize>().ok()?).cloned().map(Item::Call),
            _ => None,
        }
    }
}

impl StoredResponses {
    /// Completes a prompt that refers to stored items or continues a stored response. A reference to anything
    /// unknown is a violation.
    pub(crate) fn resume(&self, prompt: &mut Prompt, violations: &Violations) -> Result<(), Refusal> {
        let Some(thread) = &mut prompt.thread else { return Ok(()) };
        for reference in mem::take(&mut thread.referenced_items) {
            let message = &mut prompt.messages[reference.message];
            match lock(&self.0).find_item(&reference.id) {
                Some(Item::Text(text)) => message.text.push_str(&text),
                Some(Item::Call(call)) => message.calls.push(call),
                // the model's reasoning, which is never part of a prompt
                None if reference.id.starts_with("rs_") => {}
                None => {
                    let message = format!("Item with id '{}' not found.", reference.id);
                    violations.add(Refusal { status: 404, message })?;
                }
            }
        }
        let Some(previous) = &thread.previous_response else { return Ok(()) };
        let start = usize::from(thread.has_instructions).min(prompt.messages.len());
        let store = lock(&self.0);
        let Some(previous) = store.responses.iter().rfind(|response| response.id == *previous) else {
            let message = format!("Previous response with id '{previous}' not found.");
            return violations.add(Refusal::bad_request(message));
        };
        prompt.messages.splice(start..start, previous.messages.iter().cloned());
        Ok(())
    }

    /// Stores an answer with its conversation, if the prompt asks for that.
    pub(crate) fn store(&self, id: String, prompt: &Prompt, answer: &Answer) {
        let Some(thread) = prompt.thread.as_ref().filter(|thread| thread.store) else { return };
        let asked = prompt.messages.iter().skip(usize::from(thread.has_instructions)).cloned();
        let answer = Message { calls: answer.calls.clone(), ..Message::text(Role::Assistant, &answer.text) };
        let messages: Vec<Message> = asked.chain([answer]).collect();
        let bytes = messages.iter().map(weight).sum();
        let mut store = lock(&self.0);
        store.bytes += bytes;
        store.responses.push_back(StoredResponse { id, messages, bytes });
        while store.responses.len() > MAX_RESPONSES || (store.bytes > MAX_BYTES && store.responses.len() > 1)
        {
            let dropped = store.responses.pop_front().map_or(0, |response| response.bytes);
            store.bytes -= dropped;
        }
    }
}

fn weight(message: &Message) -> usize {
    message.text.len() + message.files.iter().map(file_weight).sum::<usize>()
}

fn file_weight(file: &PromptFile) -> usize {
    file.bytes + file.text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ItemReference, Thread};

    fn prompt(previous: Option<&str>, store: bool, text: &str) -> Prompt {
        let thread = Thread {
            previous_response: previous.map(str::to_owned),
            store,
            has_instructions: true,
            referenced_items: vec![],
        };
        let messages = vec![Message::text(Role::System, "be brief"), Message::text(Role::User, text)];
        Prompt { messages, thread: Some(thread), ..Prompt::default() }
    }

    fn answer(text: &str) -> Answer {
        Answer { text: text.into(), calls: vec![] }
    }

    #[test]
    fn continues_a_response_with_new_instructions_only() {
        let stored = StoredResponses::default();
        let mut first = prompt(None, true, "I am Zorvane.");
        stored.resume(&mut first, &Violations::default()).unwrap();
        stored.store("resp_1".into(), &first, &answer("Noted."));
        let mut second = prompt(Some("resp_1"), true, "Who am I?");
        stored.resume(&mut second, &Violations::default()).unwrap();
        assert_eq!(second.everything(), "be brief\nI am Zorvane.\nNoted.\nWho am I?");
        stored.store("resp_2".into(), &second, &answer("Zorvane."));
        let mut third = prompt(Some("resp_2"), true, "And?");
        stored.resume(&mut third, &Violations::default()).unwrap();
        assert_eq!(third.messages.len(), 6);
    }

    #[test]
    fn fills_in_referenced_items() {
        let stored = StoredResponses::default();
        let call = ToolCall { id: "call_1".into(), name: "save".into(), arguments: serde_json::json!({}) };
        stored.store(
            "resp_01".into(),
            &prompt(None, true, "hi"),
            &Answer { text: "Yes.".into(), calls: vec![call] },
        );
        let resume = |id: &str| {
            let mut next = prompt(None, true, "Save it.");
            next.messages.push(Message::text(Role::Assistant, ""));
            next.thread.as_mut().unwrap().referenced_items =
                vec![ItemReference { message: 2, id: id.into() }];
            let outcome = stored.resume(&mut next, &Violations::default());
            outcome.map(|()| (next.messages[2].text.clone(), next.messages[2].calls.len()))
        };
        assert_eq!(resume("msg_01").unwrap(), ("Yes.".to_owned(), 0));
        assert_eq!(resume("fc_01_0").unwrap(), (String::new(), 1));
        for unknown in ["fc_01_1", "msg_02", "x"] {
            assert_eq!(resume(unknown).unwrap_err().status, 404, "{unknown}");
        }
    }

    #[test]
    fn stores_only_on_request() {
        let stored = StoredResponses::default();
        stored.store("resp_1".into(), &prompt(None, false, "I am Zorvane."), &answer("Noted."));
        let refused = stored.resume(&mut prompt(Some("resp_1"), true, "Who?"), &Violations::default());
        assert_eq!(refused.unwrap_err().message, "Previous response with id 'resp_1' not found.");
    }

    #[test]
    fn drops_the_oldest_first() {
        let stored = StoredResponses::default();
        for number in 0..=MAX_RESPONSES {
            stored.store(format!("resp_{number}"), &prompt(None, true, "hi"), &answer("ho"));
        }
        let store = lock(&stored.0);
        assert_eq!((store.responses.len(), store.responses[0].id.as_str()), (MAX_RESPONSES, "resp_1"));
    }
}
