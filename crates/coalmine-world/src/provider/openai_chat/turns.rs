//! Checks that the calls and results of a conversation belong together, as the vendor demands.

use super::message::InMessage;
use crate::{http::Refusal, provider::Violations};

/// Checks that each call has its result in the next messages, and that each result belongs to a call.
pub(super) fn check(messages: &[InMessage], violations: &Violations) -> Result<(), Refusal> {
    violations.check(!messages.is_empty(), || {
        Refusal::bad_request(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        )
    })?;
    let mut called: Vec<&str> = vec![];
    let mut open: Vec<&str> = vec![];
    for (index, message) in messages.iter().enumerate() {
        if message.role == "tool" {
            violations.check(!called.is_empty(), || {
                Refusal::bad_request(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with \
                     'tool_calls'.",
                )
            })?;
            let id = violations.demand(message.tool_call_id.as_deref(), || {
                Refusal::bad_request(format!("Missing required parameter: 'messages[{index}].tool_call_id'."))
            })?;
            violations.check(called.contains(&id), || {
                Refusal::bad_request(format!(
                    "Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
                ))
            })?;
            open.retain(|open| *open != id);
            continue;
        }
        check_all_answered(&open, violations)?;
        called = message.tool_calls.iter().flatten().map(|call| call.id.as_str()).collect();
        open.clone_from(&called);
    }
    check_all_answered(&open, violations)
}

fn check_all_answered(open: &[&str], violations: &Violations) -> Result<(), Refusal> {
    violations.check(open.is_empty(), || {
        Refusal::bad_request(format!(
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
    fn demands_a_result_for_each_call() {
        let user = json!({"role": "user", "content": "hi"});
        let call = |id: &str| json!({"id": id, "function": {"name": "f"}});
        let calls = json!({"role": "assistant", "tool_calls": [call("a"), call("b")]});
        let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": ""});
        assert_eq!(checked(json!([user, calls, result("b"), result("a"), user])), Ok(()));
        let refusal = |messages| checked(messages).unwrap_err();
        assert!(refusal(json!([user, result("a")])).contains("a preceeding message with 'tool_calls'"));
        assert!(refusal(json!([user, calls, result("c")])).contains("'c' not found"));
        assert!(refusal(json!([user, calls, result("a"), user])).ends_with("response messages: b"));
        assert!(refusal(json!([user, calls])).ends_with("response messages: a, b"));
        assert!(refusal(json!([])).contains("empty array"));
    }
}
