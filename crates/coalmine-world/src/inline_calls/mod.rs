//! Calls that frameworks write into plain messages.
//!
//! smolagents writes tool calls, their results and its plans into messages of the assistant and of the user,
//! the next question into the same message as the last result, and the functions that code may call into the
//! instructions.

mod functions;
mod parse;

use std::mem;

use serde_json::Value;

use crate::{Answer, Message, Prompt, Role, ToolCall, prompt::FINAL_ANSWER};

/// The beginnings of results.
const RESULTS: [&str; 3] = ["Observation:", "Error:\n", "Call id:"];
/// The beginning of the instruction that follows a plan.
const PROCEED: &str = "Now proceed and carry out this plan.";
/// The name of the call that a plan counts as, because it is not an answer.
const PLAN: &str = "plan";
/// The end of a plan.
const END_OF_PLAN: &str = "<end_plan>";
/// Precedes a question that follows a result in the same message.
const QUESTION: &str = "\nNew task:\n";

impl Prompt {
    /// Converts calls, results and functions that are written in plain text to those of the neutral prompt.
    pub(crate) fn parse_inline_calls(&mut self) {
        if self.tools.is_empty() {
            self.functions = functions::offered(&self.messages);
        }
        if !self.messages.iter().any(|message| follow_up_role(message).is_some()) {
            return;
        }
        for mut message in mem::take(&mut self.messages) {
            if let Some(role) = follow_up_role(&message)
                && self.add_calls_to_last_message(role)
            {
                // the question may follow in the same message
                if let Some((result, question)) = message.text.split_once(QUESTION) {
                    self.messages.push(Message::text(role, result));
                    message.text = question.to_owned();
                } else {
                    message.role = role;
                }
            }
            self.messages.push(message);
        }
    }

    /// Adds the calls that a follow-up belongs to to the last message. Returns false if there are none.
    fn add_calls_to_last_message(&mut self, follow_up: Role) -> bool {
        let Some(last) = self.messages.last_mut() else { return false };
        if last.role != Role::Assistant || !last.calls.is_empty() {
            return false;
        }
        last.calls = if follow_up == Role::Tool {
            parse::calls_in_text(&last.text, &self.functions)
        } else {
            vec![ToolCall { id: String::new(), name: PLAN.into(), arguments: Value::Null }]
        };
        !last.calls.is_empty()
    }

    /// Returns whether a plan is requested, and not an answer yet. A plan is plain text.
    pub(crate) fn wants_plan(&self) -> bool {
        let is_requested =
            |message: &Message| message.role == Role::User && message.text.contains(END_OF_PLAN);
        self.response_format.is_text()
            && (self.stop.iter().any(|word| word == END_OF_PLAN)
                || self.messages.last().is_some_and(is_requested))
    }

    /// Returns the calls that an answer to this prompt makes, directly or in the code that it contains.
    pub fn calls_in(&self, answer: &Answer) -> Vec<ToolCall> {
        let mut calls = answer.calls.clone();
        let called = self.functions.iter().filter(|offer| functions::calls(&answer.text, &offer.name));
        calls.extend(called.filter(|offer| offer.name != FINAL_ANSWER).map(|offer| ToolCall {
            id: String::new(),
            name: offer.name.clone(),
            arguments: answer.text.clone().into(),
        }));
        calls
    }
}

/// Returns the role of a user's message that only follows up on what the model said: a result or an
/// instruction.
fn follow_up_role(message: &Message) -> Option<Role> {
    if message.role != Role::User {
        None
    } else if RESULTS.iter().any(|result| message.text.starts_with(result)) {
        Some(Role::Tool)
    } else if message.text.starts_with(PROCEED) {
        Some(Role::System)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResponseFormat;

    fn parsed(messages: &[(Role, &str)]) -> Prompt {
        let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        let mut prompt = Prompt { messages, ..Prompt::default() };
        prompt.parse_inline_calls();
        prompt
    }

    const TASK: (Role, &str) = (Role::User, "New task:\nmy name is Zorvane-4417");
    const CODE: (Role, &str) = (
        Role::Assistant,
        "<code>\nfinal_answer(\"Noted.\")\n</code>\nCalling tools:\n[{'id': 'call_1', 'type': 'function', 'function': \
         {'name': 'python_interpreter', 'arguments': 'final_answer(\"Noted.\")'}}]",
    );

    #[test]
    fn finds_the_question_after_a_result() {
        let result = "Observation:\nExecution logs:\nNoted.\nNew task:\nWhat's my name?";
        let prompt = parsed(&[TASK, CODE, (Role::User, result)]);
        assert_eq!(prompt.question(), "What's my name?");
        assert!(prompt.context().contains("my name is Zorvane-4417"));
        assert!(prompt.context().contains("Execution logs:\nNoted."));
    }

    #[test]
    fn results_are_not_questions() {
        let call = "Calling tools:\n[{'id': 'call_2', 'type': 'function', 'function': {'name': 'commit_memory', \
                    'arguments': {'content': 'teal'}}}]";
        let prompt = parsed(&[TASK, (Role::Assistant, call), (Role::User, "Observation:\nsaved")]);
        assert_eq!(prompt.question(), TASK.1);
        assert_eq!(prompt.calls_since_question().next().unwrap().name, "commit_memory");
        assert_eq!(prompt.results_since_question().next().unwrap().text, "Observation:\nsaved");
        let failed = parsed(&[TASK, CODE, (Role::User, "Call id: call_1\nError:\nNow let's retry")]);
        assert_eq!(failed.question(), TASK.1);
    }

    #[test]
    fn observation_without_a_call_is_user_text() {
        let prompt = parsed(&[TASK, (Role::Assistant, "Noted."), (Role::User, "Observation: it rains")]);
        assert_eq!(prompt.question(), "Observation: it rains");
    }

    #[test]
    fn plans_are_not_answers() {
        let plan =
            (Role::Assistant, "Here are the facts I know and the plan of action:\n```\n1. Answer.\n```");
        let proceed = (Role::User, "Now proceed and carry out this plan.");
        let prompt = parsed(&[TASK, plan, proceed]);
        assert_eq!(prompt.question(), TASK.1);
        let second = "Observation:\nNoted.\nNew task:\nWhat's my name?";
        let prompt = parsed(&[TASK, plan, proceed, CODE, (Role::User, second), plan, proceed]);
        assert_eq!(prompt.question(), "What's my name?");
        assert!(prompt.context().contains("my name is Zorvane-4417"));
    }

    #[test]
    fn last_message_requests_a_plan() {
        let asked = (Role::User, "After the plan, write the '<end_plan>' tag and stop there.");
        assert!(parsed(&[asked]).wants_plan());
        assert!(!parsed(&[asked, (Role::Assistant, "1. Answer."), TASK]).wants_plan());
        assert!(Prompt { stop: vec!["<end_plan>".into()], ..parsed(&[TASK]) }.wants_plan());
        let structured = Prompt { response_format: ResponseFormat::Json, ..parsed(&[asked]) };
        assert!(!structured.wants_plan(), "a plan is not JSON");
    }

    #[test]
    fn counts_calls_of_functions_in_code() {
        let functions = "def recall_memory(query: string) -> string:\ndef final_answer(answer: any) -> any:";
        let code = "<code>\nresult = recall_memory(query=\"color\")\nprint(result)\n</code>";
        let prompt = parsed(&[
            (Role::System, functions),
            TASK,
            (Role::Assistant, code),
            (Role::User, "Observation:\nteal"),
        ]);
        assert_eq!(prompt.calls_since_question().next().unwrap().name, "recall_memory");
        let answer = |text: &str| Answer { text: text.into(), calls: vec![] };
        assert_eq!(prompt.calls_in(&answer(code))[0].name, "recall_memory");
        assert!(prompt.calls_in(&answer("<code>\nfinal_answer(\"recall_memory\")\n</code>")).is_empty());
    }
}
