//! The calls that a text of the model tells.

use serde_json::Value;

use super::function;
use crate::{ToolCall, ToolOffer, prompt::FINAL_ANSWER};

/// Stands before calls.
const CALLS: &str = "Calling tools:\n";
/// The tool that runs code.
const INTERPRETER: &str = "python_interpreter";

/// The calls that a text tells. Code is a call of each function in it, and of its interpreter where it calls none.
pub(super) fn told(text: &str, functions: &[ToolOffer]) -> Vec<ToolCall> {
    if let Some((_, list)) = text.rsplit_once(CALLS) {
        // the `repr` of a list of dictionaries
        let told = list.split("{'id': '").skip(1).filter_map(|told| {
            let (id, rest) = told.split_once('\'')?;
            let (name, arguments) = rest.split_once("'name': '")?.1.split_once('\'')?;
            let arguments = arguments.strip_prefix(", 'arguments': ").unwrap_or(arguments);
            Some(match name {
                INTERPRETER => in_code(id, arguments, functions),
                _ => vec![call(id, name, arguments)],
            })
        });
        return told.flatten().collect();
    }
    if text.contains("<code>") || text.contains("```py") { in_code("", text, functions) } else { vec![] }
}

/// The calls of code.
fn in_code(id: &str, code: &str, functions: &[ToolOffer]) -> Vec<ToolCall> {
    if function::calls(code, FINAL_ANSWER) {
        return vec![call(id, FINAL_ANSWER, code)];
    }
    let called = functions.iter().filter(|offer| function::calls(code, &offer.name));
    let called: Vec<_> = called.map(|offer| call(id, &offer.name, code)).collect();
    if called.is_empty() { vec![call(id, INTERPRETER, code)] } else { called }
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: Value::String(arguments.to_owned()) }
}
