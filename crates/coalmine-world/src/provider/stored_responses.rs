//! Responses that the vendor stores, so that a later prompt can continue a conversation or refer to parts of
//! it.

use std::{collections::VecDeque, mem, sync::Mutex};

use super::Violations;
use crate::{
    Answer, Held, Message, Prompt, Role, ToolCall,
    budget::{Budget, OverBudget},
    http::Refusal,
    lock::lock,
};

/// Maximum number of stored responses, and of the bytes of their conversations; the oldest are dropped first. A
/// prompt may refer to no more bytes either.
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
    held: Held,
}

/// A part of a response that a prompt can refer to.
enum Item {
    Text(String),
    Call(ToolCall),
}

impl ResponseStore {
    /// Drops the oldest responses until one more with so many bytes fits.
    fn make_room(&mut self, bytes: usize) {
        while self.responses.len() >= MAX_RESPONSES || self.bytes.saturating_add(bytes) > MAX_BYTES {
            let Some(dropped) = self.responses.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(dropped.held.bytes());
        }
    }

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
        let mut left = MAX_BYTES;
        for reference in mem::take(&mut thread.referenced_items) {
            let Some(message) = prompt.messages.get_mut(reference.message) else { continue };
            let before = message.weight();
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
            let added = message.weight().saturating_sub(before);
            left = left.checked_sub(added).ok_or_else(|| Refusal {
                status: 413,
                message: "The items that the request refers to are too large.".into(),
            })?;
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
    pub(crate) fn store(
        &self,
        id: String,
        prompt: &Prompt,
        answer: &Answer,
        budget: &Budget,
    ) -> Result<(), OverBudget> {
        let Some(thread) = prompt.thread.as_ref().filter(|thread| thread.store) else { return Ok(()) };
        let asked = || prompt.messages.iter().skip(usize::from(thread.has_instructions));
        let answer = Message { calls: answer.calls.clone(), ..Message::text(Role::Assistant, &answer.text) };
        let bytes = asked().chain([&answer]).map(Message::weight).sum();
        let mut store = lock(&self.0);
        store.make_room(bytes);
        let held = budget.take(bytes)?;
        let messages = asked().cloned().chain([answer]).collect();
        store.bytes = store.bytes.saturating_add(bytes);
        store.responses.push_back(StoredResponse { id, messages, held });
        Ok(())
    }
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

    fn store(stored: &StoredResponses, id: impl Into<String>, prompt: &Prompt, answer: &Answer) {
        stored.store(id.into(), prompt, answer, &Budget::new(usize::MAX)).unwrap();
    }

    fn answer(text: &str) -> Answer {
        Answer { text: text.into(), calls: vec![] }
    }

    #[test]
    fn continues_a_response_with_new_instructions_only() {
        let stored = StoredResponses::default();
        let mut first = prompt(None, true, "I am Zorvane.");
        stored.resume(&mut first, &Violations::default()).unwrap();
        store(&stored, "resp_1", &first, &answer("Noted."));
        let mut second = prompt(Some("resp_1"), true, "Who am I?");
        stored.resume(&mut second, &Violations::default()).unwrap();
        assert_eq!(second.everything(), "be brief\nI am Zorvane.\nNoted.\nWho am I?");
        store(&stored, "resp_2", &second, &answer("Zorvane."));
        let mut third = prompt(Some("resp_2"), true, "And?");
        stored.resume(&mut third, &Violations::default()).unwrap();
        assert_eq!(third.messages.len(), 6);
    }

    #[test]
    fn fills_in_referenced_items() {
        let stored = StoredResponses::default();
        let call = ToolCall { id: "call_1".into(), name: "save".into(), arguments: serde_json::json!({}) };
        store(
            &stored,
            "resp_01",
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
        store(&stored, "resp_1", &prompt(None, false, "I am Zorvane."), &answer("Noted."));
        let refused = stored.resume(&mut prompt(Some("resp_1"), true, "Who?"), &Violations::default());
        assert_eq!(refused.unwrap_err().message, "Previous response with id 'resp_1' not found.");
    }

    #[test]
    fn drops_the_oldest_first() {
        let stored = StoredResponses::default();
        for number in 0..=MAX_RESPONSES {
            store(&stored, format!("resp_{number}"), &prompt(None, true, "hi"), &answer("ho"));
        }
        let store = lock(&stored.0);
        assert_eq!((store.responses.len(), store.responses[0].id.as_str()), (MAX_RESPONSES, "resp_1"));
    }

    #[test]
    fn stored_responses_take_a_share_of_the_budget() {
        let (stored, budget) = (StoredResponses::default(), Budget::new(10_000));
        let large = prompt(None, true, &"x".repeat(6_000));
        assert_eq!(stored.store("resp_1".into(), &large, &answer(""), &budget), Ok(()));
        assert_eq!(stored.store("resp_2".into(), &large, &answer(""), &budget), Err(OverBudget));
        assert_eq!(stored.store("resp_3".into(), &prompt(None, false, "hi"), &answer(""), &budget), Ok(()));
    }

    #[test]
    fn one_item_cannot_be_repeated_any_number_of_times() {
        let stored = StoredResponses::default();
        store(&stored, "resp_1", &prompt(None, true, "hi"), &answer(&"x".repeat(MAX_BYTES / 4)));
        let resume = |times| {
            let mut next = prompt(None, true, "Go on.");
            let item = ItemReference { message: 1, id: "msg_1".into() };
            next.thread.as_mut().unwrap().referenced_items = vec![item; times];
            stored.resume(&mut next, &Violations::default()).map_err(|refusal| refusal.status)
        };
        assert_eq!((resume(4), resume(5)), (Ok(()), Err(413)));
    }
}
