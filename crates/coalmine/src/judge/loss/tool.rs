//! A loss on the way through a skill or a peer agent.

use super::Loss;
use crate::{
    event::{Code, Step},
    judge::path::{Break, short},
    plan::Need,
};

/// Returns the break of a fact that only a skill or a peer could give, and that did not come.
pub(super) fn not_fetched(loss: Loss<'_>, text: &str) -> Option<Break> {
    let turn = loss.turn;
    let needs = &loss.case.script.canary.needs;
    let (role, action) = if needs.contains(&Need::Skills) {
        ("skill", "use a skill")
    } else if needs.contains(&Need::Peers) {
        ("peer", "ask a peer agent")
    } else {
        return None;
    };
    if turn.calls.is_empty() || turn.prompted(text) {
        return None;
    }
    let (code, sentence) = if !turn.offered.contains(role) {
        (Code::ToolNotOffered, format!("the model was offered no tool to {action}"))
    } else if !turn.called.contains(role) {
        (Code::ToolNotCalled, format!("the model never called a tool to {action}"))
    } else {
        let results = short(&turn.memory.results.join(" | "));
        if role == "peer" && turn.asked.is_empty() {
            let sentence = format!(
                "the model called its tool to {action}, but no agent was asked; the tool returned: {results}"
            );
            (Code::ToolPeerNotAsked, sentence)
        } else {
            let sentence = format!("the model called its tool to {action}, but the tool returned: {results}");
            (Code::ToolResultMissing, sentence)
        }
    };
    Some(Break::new(code, Step::Tool, sentence))
}
