//! Calls in a text of the model.

use serde_json::Value;

use super::functions;
use crate::{ToolCall, ToolOffer, prompt::FINAL_ANSWER};

/// Precedes a list of calls.
const CALLS: &str = "Calling tools:\n";
/// The name of the tool that runs code.
const INTERPRETER: &str = "python_interpreter";

/// Returns the calls in a text. Code counts as a call of each function that it calls, or of the interpreter
/// if it calls none.
pub(super) fn calls_in_text(text: &str, functions: &[ToolOffer]) -> Vec<ToolCall> {
    if let Some((_, list)) = text.rsplit_once(CALLS) {
        // the list is written as Python's `repr`
        let calls = list.split("{'id': '").skip(1).filter_map(|call| {
            let (id, rest) = call.split_once('\'')?;
            let (name, arguments) = rest.split_once("'name': '")?.1.split_once('\'')?;
            let arguments = arguments.strip_prefix(", 'arguments': ").unwrap_or(arguments);
            Some(match name {
                INTERPRETER => calls_in_code(id, arguments, functions),
                _ => vec![new_call(id, name, arguments)],
            })
        });
        return calls.flatten().collect();
    }
    if text.contains("<code>") || text.contains("```py") {
        calls_in_code("", text, functions)
    } else {
        vec![]
    }
}

/// Returns the calls in code.
fn calls_in_code(id: &str, code: &str, functions: &[ToolOffer]) -> Vec<ToolCall> {
    if functions::calls(code, FINAL_ANSWER) {
        return vec![new_call(id, FINAL_ANSWER, code)];
    }
    let called = functions.iter().filter(|offer| functions::calls(code, &offer.name));
    let called: Vec<_> = called.map(|offer| new_call(id, &offer.name, code)).collect();
    if called.is_empty() { vec![new_call(id, INTERPRETER, code)] } else { called }
}

fn new_call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: Value::String(arguments.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let recall = ToolOffer { name: "recall".into(), parameters: Value::Null };
        calls_in_text(text, &[recall]).into_iter().map(|call| call.name).collect()
    }

    #[test]
    fn reads_listed_calls() {
        let list = "Calling tools:\n[{'id': 'c1', 'type': 'function', 'function': {'name': 'commit', 'arguments': 'x'}}, \
                    {'id': 'c2', 'type': 'function', 'function': {'name': 'python_interpreter', 'arguments': 'recall(1)'}}]";
        assert_eq!(names(list), ["commit", "recall"]);
    }

    #[test]
    fn reads_calls_in_code() {
        assert_eq!(names("<code>\nprint(recall(query=1))\n</code>"), ["recall"]);
        assert_eq!(names("```py\nfinal_answer(recall(1))\n```"), ["final_answer"]);
        assert_eq!(names("<code>\nprint(1)\n</code>"), ["python_interpreter"]);
        assert!(names("recall(1)").is_empty());
    }
}
