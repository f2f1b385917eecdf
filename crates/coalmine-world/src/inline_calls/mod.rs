//! What frameworks tell in words: smolagents writes tool calls, their results and its plans into plain messages of the
//! assistant and the user, the next question into the same message as the last result, and the functions that code may
//! call into the instructions.

mod calls;
mod function;

use crate::{Answer, Message, Prompt, Role, ToolCall, prompt::FINAL_ANSWER};

/// How a result begins.
const RESULTS: [&str; 3] = ["Observation:", "Error:\n", "Call id:"];
/// How the order begins that follows a plan.
const PROCEED: &str = "Now proceed and carry out this plan.";
/// The call that a plan counts as: no answer.
const PLAN: &str = "plan";
/// Where a plan is to end.
const END_OF_PLAN: &str = "<end_plan>";
/// Stands before a question that follows a result in one message.
const QUESTION: &str = "\nNew task:\n";

impl Prompt {
    /// Makes calls and results of those that are told in words, and tools of the functions that code may call.
    pub(crate) fn parse_inline_calls(&mut self) {
        if self.tools.is_empty() {
            self.functions = function::offered(&self.messages);
        }
        if !self.messages.iter().any(|message| follows(message).is_some()) {
            return;
        }
        for mut message in std::mem::take(&mut self.messages) {
            if let Some(role) = follows(&message)
                && let Some(asked) = self.messages.last_mut()
                && asked.role == Role::Assistant
                && asked.calls.is_empty()
            {
                asked.calls = match role {
                    Role::Tool => calls::told(&asked.text, &self.functions),
                    _ => vec![ToolCall {
                        id: String::new(),
                        name: PLAN.into(),
                        arguments: serde_json::Value::Null,
                    }],
                };
                if !asked.calls.is_empty() {
                    match message.text.split_once(QUESTION).map(|(r, q)| (r.to_owned(), q.to_owned())) {
                        Some((told, question)) => {
                            self.messages.push(Message::text(role, told));
                            message.text = question;
                        }
                        None => message.role = role,
                    }
                }
            }
            self.messages.push(message);
        }
    }

    /// Whether a plan is wanted, and no answer yet.
    pub(crate) fn wants_plan(&self) -> bool {
        let is_told = |m: &Message| m.role == Role::User && m.text.contains(END_OF_PLAN);
        self.stop.iter().any(|word| word == END_OF_PLAN) || self.messages.last().is_some_and(is_told)
    }

    /// The calls that an answer to this prompt makes, as such or in the code that it writes.
    pub fn calls_in(&self, answer: &Answer) -> Vec<ToolCall> {
        let mut all = answer.calls.clone();
        if !self.functions.is_empty() {
            let called = self.functions.iter().filter(|offer| function::calls(&answer.text, &offer.name));
            all.extend(called.filter(|offer| offer.name != FINAL_ANSWER).map(|offer| ToolCall {
                id: String::new(),
                name: offer.name.clone(),
                arguments: answer.text.clone().into(),
            }));
        }
        all
    }
}

/// What a message of the user is that only follows what the model said: a result, or an order.
fn follows(message: &Message) -> Option<Role> {
    match message {
        Message { role: Role::User, text, .. } if RESULTS.iter().any(|r| text.starts_with(r)) => {
            Some(Role::Tool)
        }
        Message { role: Role::User, text, .. } if text.starts_with(PROCEED) => Some(Role::System),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(messages: &[(Role, &str)]) -> Prompt {
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
    fn a_question_in_the_message_of_a_result_is_the_question() {
        let result = "Observation:\nExecution logs:\nNoted.\nNew task:\nWhat's my name?";
        let prompt = heard(&[TASK, CODE, (Role::User, result)]);
        assert_eq!(prompt.question(), "What's my name?");
        assert!(prompt.memory().contains("my name is Zorvane-4417"));
        assert!(prompt.memory().contains("Execution logs:\nNoted."));
    }

    #[test]
    fn a_result_in_the_middle_of_a_turn_is_no_question() {
        let call = "Calling tools:\n[{'id': 'call_2', 'type': 'function', 'function': {'name': 'commit_memory', \
                    'arguments': {'content': 'teal'}}}]";
        let prompt = heard(&[TASK, (Role::Assistant, call), (Role::User, "Observation:\nsaved")]);
        assert_eq!(prompt.question(), TASK.1);
        assert_eq!(prompt.calls_since_question().next().unwrap().name, "commit_memory");
        assert_eq!(prompt.results_since_question().next().unwrap().text, "Observation:\nsaved");
        let failed = heard(&[TASK, CODE, (Role::User, "Call id: call_1\nError:\nNow let's retry")]);
        assert_eq!(failed.question(), TASK.1);
    }

    #[test]
    fn an_observation_that_answers_no_call_is_what_the_user_says() {
        let prompt = heard(&[TASK, (Role::Assistant, "Noted."), (Role::User, "Observation: it rains")]);
        assert_eq!(prompt.question(), "Observation: it rains");
    }

    #[test]
    fn a_plan_is_no_answer() {
        let plan =
            (Role::Assistant, "Here are the facts I know and the plan of action:\n```\n1. Answer.\n```");
        let proceed = (Role::User, "Now proceed and carry out this plan.");
        let prompt = heard(&[TASK, plan, proceed]);
        assert_eq!(prompt.question(), TASK.1);
        let second = "Observation:\nNoted.\nNew task:\nWhat's my name?";
        let prompt = heard(&[TASK, plan, proceed, CODE, (Role::User, second), plan, proceed]);
        assert_eq!(prompt.question(), "What's my name?");
        assert!(prompt.memory().contains("my name is Zorvane-4417"));
    }

    #[test]
    fn a_plan_is_wanted_where_it_is_asked_for_last() {
        let asked = (Role::User, "After the plan, write the '<end_plan>' tag and stop there.");
        assert!(heard(&[asked]).wants_plan());
        assert!(!heard(&[asked, (Role::Assistant, "1. Answer."), TASK]).wants_plan());
        assert!(Prompt { stop: vec!["<end_plan>".into()], ..heard(&[TASK]) }.wants_plan());
    }

    #[test]
    fn functions_that_code_calls_are_called() {
        let told = "def recall_memory(query: string) -> string:\ndef final_answer(answer: any) -> any:";
        let code = "<code>\nresult = recall_memory(query=\"colour\")\nprint(result)\n</code>";
        let prompt =
            heard(&[(Role::System, told), TASK, (Role::Assistant, code), (Role::User, "Observation:\nteal")]);
        assert_eq!(prompt.calls_since_question().next().unwrap().name, "recall_memory");
        let answer = |text: &str| Answer { text: text.into(), calls: vec![] };
        assert_eq!(prompt.calls_in(&answer(code))[0].name, "recall_memory");
        assert!(prompt.calls_in(&answer("<code>\nfinal_answer(\"recall_memory\")\n</code>")).is_empty());
    }
}
