//! Calls that are told in words: smolagents writes tool calls and their results into plain messages of the assistant and
//! the user, and the next question into the same message as the last result.

use serde_json::Value;

use crate::{Message, Prompt, Role, ToolCall, prompt::FINAL_ANSWER};

/// How a result begins.
const RESULTS: [&str; 3] = ["Observation:", "Error:\n", "Call id:"];
/// Stands before calls.
const CALLS: &str = "Calling tools:\n";
/// Stands before a question that follows a result in one message.
const QUESTION: &str = "\nNew task:\n";
/// The tool that runs code.
const INTERPRETER: &str = "python_interpreter";

impl Prompt {
    /// Makes calls and results of those that are told in words.
    pub(crate) fn hear(&mut self) {
        let is_result = |m: &Message| m.role == Role::User && RESULTS.iter().any(|r| m.text.starts_with(r));
        if !self.messages.iter().any(is_result) {
            return;
        }
        for mut message in std::mem::take(&mut self.messages) {
            if is_result(&message)
                && let Some(asked) = self.messages.last_mut()
                && asked.role == Role::Assistant
                && asked.calls.is_empty()
            {
                asked.calls = told(&asked.text);
                if !asked.calls.is_empty() {
                    match message.text.split_once(QUESTION).map(|(r, q)| (r.to_owned(), q.to_owned())) {
                        Some((result, question)) => {
                            self.messages.push(Message::text(Role::Tool, result));
                            message.text = question;
                        }
                        None => message.role = Role::Tool,
                    }
                }
            }
            self.messages.push(message);
        }
    }
}

/// The calls that a text tells; code is a call of its interpreter.
fn told(text: &str) -> Vec<ToolCall> {
    let call = |id: &str, name: &str, arguments: &str| {
        let answers = name == INTERPRETER && arguments.contains("final_answer(");
        let name = if answers { FINAL_ANSWER } else { name };
        ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: Value::String(arguments.to_owned()) }
    };
    if let Some((_, list)) = text.rsplit_once(CALLS) {
        // the `repr` of a list of dictionaries
        let told = list.split("{'id': '").skip(1).filter_map(|told| {
            let (id, rest) = told.split_once('\'')?;
            let (name, arguments) = rest.split_once("'name': '")?.1.split_once('\'')?;
            Some(call(id, name, arguments.strip_prefix(", 'arguments': ").unwrap_or(arguments)))
        });
        return told.collect();
    }
    let is_code = text.contains("<code>") || text.contains("```py");
    if is_code { vec![call("", INTERPRETER, text)] } else { vec![] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(messages: &[(Role, &str)]) -> Prompt {
        let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        let mut prompt = Prompt { messages, ..Prompt::default() };
        prompt.hear();
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
}
