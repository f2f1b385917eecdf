//! Checks that results of tools belong to calls.

use std::collections::HashSet;

use super::content::Content;
use crate::{Role, http::Refusal, provider::Violations};

/// Follows the turns of a conversation. Consecutive messages of one role are one turn, as they are for the
/// vendor.
#[derive(Default)]
pub(super) struct Turns {
    /// The ids of all calls so far.
    known: HashSet<String>,
    /// The calls of the last assistant turn.
    called: Vec<String>,
    /// Those of them that have a result.
    answered: HashSet<String>,
    /// The index of the last message of that turn.
    called_at: usize,
    /// Whether the current turn is the user's.
    is_user_turn: bool,
}

impl Turns {
    /// Adds the message at an index.
    pub(super) fn add(
        &mut self,
        index: usize,
        role: Role,
        content: &Content,
        violations: &Violations,
    ) -> Result<(), Refusal> {
        let wrong_role = |block: &str, right: &str| {
            Refusal::bad_request(format!(
                "messages.{index}: `{block}` blocks can only be in `{right}` messages"
            ))
        };
        violations.check(role == Role::Assistant || content.calls.is_empty(), || {
            wrong_role("tool_use", "assistant")
        })?;
        violations
            .check(role == Role::User || content.results.is_empty(), || wrong_role("tool_result", "user"))?;
        match role {
            Role::Assistant => self.assistant(index, content, violations),
            Role::User => self.user(index, content, violations),
            Role::System | Role::Tool => Ok(()),
        }
    }

    fn assistant(&mut self, index: usize, content: &Content, violations: &Violations) -> Result<(), Refusal> {
        if self.is_user_turn {
            self.end(violations)?;
            self.called.clear();
            self.answered.clear();
        }
        (self.is_user_turn, self.called_at) = (false, index);
        for call in &content.calls {
            violations.check(self.known.insert(call.id.clone()), || {
                Refusal::bad_request(format!("messages.{index}: `tool_use` ids must be unique"))
            })?;
            self.called.push(call.id.clone());
        }
        Ok(())
    }

    fn user(&mut self, index: usize, content: &Content, violations: &Violations) -> Result<(), Refusal> {
        self.is_user_turn = true;
        for result in &content.results {
            let id = &result.id;
            violations.check(self.called.contains(id), || {
                Refusal::bad_request(format!(
                    "messages.{index}.content.{}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each \
                     `tool_result` block must have a corresponding `tool_use` block in the previous message.",
                    result.block
                ))
            })?;
            violations.check(self.answered.insert(id.clone()), || {
                Refusal::bad_request(format!(
                    "messages.{index}.content.{}: each tool_use must have a single result. Found multiple `tool_result` \
                     blocks with id: {id}",
                    result.block
                ))
            })?;
        }
        Ok(())
    }

    /// Ends the conversation: every call must have its result.
    pub(super) fn end(&self, violations: &Violations) -> Result<(), Refusal> {
        let open: Vec<_> =
            self.called.iter().filter(|id| !self.answered.contains(*id)).map(String::as_str).collect();
        violations.check(open.is_empty(), || {
            Refusal::bad_request(format!(
                "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
                 `tool_use` block must have a corresponding `tool_result` block in the next message.",
                self.called_at,
                open.join(", ")
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{super::content::Location, *};

    fn follow(messages: &[(Role, Value)]) -> Result<(), String> {
        let (mut turns, violations) = (Turns::default(), Violations::default());
        for (index, (role, content)) in messages.iter().enumerate() {
            let content =
                super::super::content::read(content, Location::Message(index), &violations).unwrap();
            turns.add(index, *role, &content, &violations).map_err(|refusal| refusal.message)?;
        }
        turns.end(&violations).map_err(|refusal| refusal.message)
    }

    fn call(id: &str) -> (Role, Value) {
        (Role::Assistant, json!([{"type": "tool_use", "id": id, "name": "f", "input": {}}]))
    }

    fn result(id: &str) -> (Role, Value) {
        (Role::User, json!([{"type": "tool_result", "tool_use_id": id, "content": "x"}]))
    }

    fn user(text: &str) -> (Role, Value) {
        (Role::User, json!(text))
    }

    #[test]
    fn accepts_one_result_for_each_call() {
        assert_eq!(
            follow(&[user("x"), call("a"), call("b"), result("b"), result("a"), call("c"), result("c")]),
            Ok(())
        );
        let system = (Role::System, json!("reminder"));
        assert_eq!(follow(&[user("x"), call("a"), system, result("a"), user("y")]), Ok(()));
    }

    #[test]
    fn refuses_results_without_a_call() {
        for messages in [vec![result("a")], vec![call("a"), result("a"), call("b"), result("a")]] {
            let why = follow(&messages).unwrap_err();
            assert!(why.contains("unexpected `tool_use_id` found in `tool_result` blocks: a"), "{why}");
        }
        assert!(follow(&[call("a"), result("a"), result("a")]).unwrap_err().contains("single result"));
    }

    #[test]
    fn refuses_calls_without_a_result() {
        for messages in [vec![call("a")], vec![call("a"), user("x")], vec![call("a"), user("x"), call("b")]] {
            let why = follow(&messages).unwrap_err();
            assert!(why.starts_with("messages.0: `tool_use` ids were found without"), "{why}");
        }
    }

    #[test]
    fn demands_roles_and_unique_ids() {
        let (_, calls) = call("a");
        assert!(follow(&[(Role::User, calls)]).unwrap_err().contains("only be in `assistant`"));
        let (_, results) = result("a");
        assert!(follow(&[(Role::Assistant, results)]).unwrap_err().contains("only be in `user`"));
        assert!(follow(&[call("a"), result("a"), call("a")]).unwrap_err().contains("must be unique"));
    }
}
