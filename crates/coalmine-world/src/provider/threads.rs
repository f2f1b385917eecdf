//! Conversations that the vendor keeps: a response can be named as the one with which the next prompt goes on.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Refusal, Violations};
use crate::{Answer, Message, Prompt, PromptFile, Role, ToolCall};

/// Most responses that are kept, and most bytes of the messages before them; the oldest go first.
const MOST: usize = 1_000;
const MAX_BYTES: usize = 32 << 20;

/// The conversations of one run.
#[derive(Debug, Default)]
pub(crate) struct Threads(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    all: VecDeque<Response>,
    bytes: usize,
}

#[derive(Debug)]
struct Response {
    id: String,
    /// The whole conversation with it at the end; the instructions of each prompt held for that alone.
    messages: Vec<Message>,
    bytes: usize,
}

/// A piece of a response.
enum Item {
    Words(String),
    Call(ToolCall),
}

impl Kept {
    /// What the vendor calls `msg_<n>`, or `fc_<n>_<at>`, of the response `resp_<n>`.
    fn item(&self, id: &str) -> Option<Item> {
        let (kind, rest) = id.split_once('_')?;
        let (number, at) = rest.split_once('_').unwrap_or((rest, "0"));
        let is_named = |response: &&Response| response.id.strip_prefix("resp_") == Some(number);
        let answer = self.all.iter().find(is_named)?.messages.last()?;
        match kind {
            "msg" => Some(Item::Words(answer.text.clone())),
            "fc" => answer.calls.get(at.parse::<usize>().ok()?).cloned().map(Item::Call),
            _ => None,
        }
    }
}

impl Threads {
    /// Puts what was said before into a prompt that goes on with it or names parts of it; to name what is unknown is a
    /// violation.
    pub(crate) fn resume(&self, prompt: &mut Prompt, violations: &Violations) -> Result<(), Refusal> {
        let Some(thread) = &mut prompt.thread else { return Ok(()) };
        for (at, id) in std::mem::take(&mut thread.named) {
            match self.kept().item(&id) {
                Some(Item::Words(text)) => prompt.messages[at].text.push_str(&text),
                Some(Item::Call(call)) => prompt.messages[at].calls.push(call),
                // what the model thought is nothing that it said
                None if id.starts_with("rs_") => {}
                None => {
                    let message = format!("Item with id '{id}' not found.");
                    violations.add(Refusal { status: 404, message })?;
                }
            }
        }
        let Some(after) = &thread.after else { return Ok(()) };
        let at = usize::from(thread.instructed).min(prompt.messages.len());
        let kept = self.kept();
        let Some(before) = kept.all.iter().rfind(|response| response.id == *after) else {
            return violations.add(Refusal::bad(format!("Previous response with id '{after}' not found.")));
        };
        prompt.messages.splice(at..at, before.messages.iter().cloned());
        Ok(())
    }

    /// Keeps a prompt and its answer, if they are to be kept.
    pub(crate) fn keep(&self, id: String, prompt: &Prompt, answer: &Answer) {
        let Some(thread) = prompt.thread.as_ref().filter(|thread| thread.keep) else { return };
        let said = prompt.messages.iter().skip(usize::from(thread.instructed)).cloned();
        let answer = Message { calls: answer.calls.clone(), ..Message::text(Role::Assistant, &answer.text) };
        let messages: Vec<Message> = said.chain([answer]).collect();
        let bytes = messages.iter().map(weight).sum();
        let mut kept = self.kept();
        kept.bytes += bytes;
        kept.all.push_back(Response { id, messages, bytes });
        while kept.all.len() > MOST || (kept.bytes > MAX_BYTES && kept.all.len() > 1) {
            let gone = kept.all.pop_front().map_or(0, |response| response.bytes);
            kept.bytes -= gone;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(message: &Message) -> usize {
    let of_file = |file: &PromptFile| file.bytes + file.text.len();
    message.text.len() + message.files.iter().map(of_file).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Thread;

    fn prompt(after: Option<&str>, keep: bool, said: &str) -> Prompt {
        let thread = Thread { after: after.map(str::to_owned), keep, instructed: true, named: vec![] };
        let messages = vec![Message::text(Role::System, "be brief"), Message::text(Role::User, said)];
        Prompt { messages, thread: Some(thread), ..Prompt::default() }
    }

    fn words(text: &str) -> Answer {
        Answer { text: text.into(), calls: vec![] }
    }

    #[test]
    fn a_conversation_goes_on_after_its_response_with_the_new_instructions_alone() {
        let threads = Threads::default();
        let mut first = prompt(None, true, "I am Zorvane.");
        threads.resume(&mut first, &Violations::default()).unwrap();
        threads.keep("resp_1".into(), &first, &words("Noted."));
        let mut second = prompt(Some("resp_1"), true, "Who am I?");
        threads.resume(&mut second, &Violations::default()).unwrap();
        assert_eq!(second.everything(), "be brief\nI am Zorvane.\nNoted.\nWho am I?");
        threads.keep("resp_2".into(), &second, &words("Zorvane."));
        let mut third = prompt(Some("resp_2"), true, "And?");
        threads.resume(&mut third, &Violations::default()).unwrap();
        assert_eq!(third.messages.len(), 6);
    }

    #[test]
    fn a_part_of_a_response_that_is_only_named_is_put_in() {
        let threads = Threads::default();
        let call = ToolCall { id: "call_1".into(), name: "save".into(), arguments: serde_json::json!({}) };
        threads.keep(
            "resp_01".into(),
            &prompt(None, true, "hi"),
            &Answer { text: "Yes.".into(), calls: vec![call] },
        );
        let naming = |id: &str| {
            let mut next = prompt(None, true, "Save it.");
            next.messages.push(Message::text(Role::Assistant, ""));
            next.thread.as_mut().unwrap().named = vec![(2, id.to_owned())];
            let outcome = threads.resume(&mut next, &Violations::default());
            outcome.map(|()| (next.messages[2].text.clone(), next.messages[2].calls.len()))
        };
        assert_eq!(naming("msg_01").unwrap(), ("Yes.".to_owned(), 0));
        assert_eq!(naming("fc_01_0").unwrap(), (String::new(), 1));
        for unknown in ["fc_01_1", "msg_02", "x"] {
            assert_eq!(naming(unknown).unwrap_err().status, 404, "{unknown}");
        }
    }

    #[test]
    fn what_was_not_to_be_kept_is_unknown() {
        let threads = Threads::default();
        threads.keep("resp_1".into(), &prompt(None, false, "I am Zorvane."), &words("Noted."));
        let refused = threads.resume(&mut prompt(Some("resp_1"), true, "Who?"), &Violations::default());
        assert_eq!(refused.unwrap_err().message, "Previous response with id 'resp_1' not found.");
    }

    #[test]
    fn the_oldest_go_first() {
        let threads = Threads::default();
        for number in 0..=MOST {
            threads.keep(format!("resp_{number}"), &prompt(None, true, "hi"), &words("ho"));
        }
        let kept = threads.kept();
        assert_eq!((kept.all.len(), kept.all[0].id.as_str()), (MOST, "resp_1"));
    }
}
