//! Whether calls and results of a conversation belong together, as the vendor demands.

use super::{Refusal, Violations, request::InMessage};

/// Every call is answered at once, and nothing else is.
pub(super) fn check(messages: &[InMessage], violations: &Violations) -> Result<(), Refusal> {
    violations.check(!messages.is_empty(), || {
        Refusal::bad(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        )
    })?;
    let mut called: Vec<&str> = vec![];
    let mut open: Vec<&str> = vec![];
    for (at, message) in messages.iter().enumerate() {
        if message.role == "tool" {
            violations.check(!called.is_empty(), || {
                Refusal::bad(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with \
                     'tool_calls'.",
                )
            })?;
            let id = violations.demand(message.tool_call_id.as_deref(), || {
                Refusal::bad(format!("Missing required parameter: 'messages[{at}].tool_call_id'."))
            })?;
            violations.check(called.contains(&id), || {
                Refusal::bad(format!(
                    "Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
                ))
            })?;
            open.retain(|open| *open != id);
            continue;
        }
        answered(&open, violations)?;
        called = message.tool_calls.iter().flatten().map(|call| call.id.as_str()).collect();
        open.clone_from(&called);
    }
    answered(&open, violations)
}

fn answered(open: &[&str], violations: &Violations) -> Result<(), Refusal> {
    violations.check(open.is_empty(), || {
        Refusal::bad(format!(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
             'tool_call_id'. The following tool_call_ids did not have response messages: {}",
            open.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn checked(messages: Value) -> Result<(), String> {
        let messages = serde_json::from_value::<Vec<_>>(messages).unwrap();
        check(&messages, &Violations::default()).map_err(|refusal| refusal.message)
    }

    #[test]
    fn calls_and_results_belong_together() {
        let user = json!({"role": "user", "content": "hi"});
        let call = |id: &str| json!({"id": id, "function": {"name": "f"}});
        let calls = json!({"role": "assistant", "tool_calls": [call("a"), call("b")]});
        let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": ""});
        assert_eq!(checked(json!([user, calls, result("b"), result("a"), user])), Ok(()));
        let told = |messages| checked(messages).unwrap_err();
        assert!(told(json!([user, result("a")])).contains("a preceeding message with 'tool_calls'"));
        assert!(told(json!([user, calls, result("c")])).contains("'c' not found"));
        assert!(told(json!([user, calls, result("a"), user])).ends_with("response messages: b"));
        assert!(told(json!([user, calls])).ends_with("response messages: a, b"));
        assert!(told(json!([])).contains("empty array"));
    }
}
