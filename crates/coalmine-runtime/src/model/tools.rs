//! The definitions of the tools that the model may call.

use serde_json::{Map, Value, json};

use crate::{peer::PeerEntry, skill::Skill};

/// The skills and peers that the model is offered in a turn, in addition to its memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OfferedTools<'a> {
    pub(crate) skills: &'a [Skill],
    pub(crate) peers: &'a [PeerEntry],
}

impl OfferedTools<'_> {
    /// Returns all tools as function definitions.
    pub(super) fn definitions(&self) -> Value {
        let mut tools = vec![
            function(
                "commit_memory",
                "Store something for later conversations if the user asks you to remember it",
                [("content", text("What to remember, in a full sentence"))],
            ),
            function(
                "recall_memory",
                "Look up what was stored in this or an earlier conversation",
                [("query", text("A few words that describe what to look for"))],
            ),
        ];
        if !self.skills.is_empty() {
            let names = self.skills.iter().map(|skill| skill.name.as_str());
            tools.push(function(
                "use_skill",
                "Get the instructions of a skill before you do what it is for",
                [("name", one_of(names, "The skill's name"))],
            ));
        }
        if !self.peers.is_empty() {
            let ids = self.peers.iter().map(|peer| peer.id.as_str());
            let known: String = self
                .peers
                .iter()
                .map(|peer| format!("\n- {} ({}): {}", peer.id, peer.name, peer.about))
                .collect();
            let about = format!(
                "Ask another agent, which sees only the message and nothing else of this conversation. \
                 The agents are:{known}"
            );
            tools.push(function(
                "ask_peer",
                &about,
                [
                    ("agent", one_of(ids, "The agent to ask")),
                    ("message", text("The question, with everything that is needed to answer it")),
                ],
            ));
        }
        tools.into()
    }

    /// Returns what the system message says about the skills.
    pub(super) fn introduction(&self) -> String {
        if self.skills.is_empty() {
            return String::new();
        }
        let list: String = self.skills.iter().map(|s| format!("\n- {}: {}", s.name, s.description)).collect();
        format!(
            "\n\nThese skills are instructions for certain kinds of tasks. Before you do such a task, call \
             use_skill with the name of the skill and follow its instructions:{list}"
        )
    }
}

/// Returns a function definition whose arguments are all required.
fn function<const N: usize>(name: &str, about: &str, arguments: [(&str, Value); N]) -> Value {
    let required = arguments.each_ref().map(|(name, _)| *name).to_vec();
    let properties: Map<_, _> =
        arguments.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            },
        },
    })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn one_of<'a>(values: impl Iterator<Item = &'a str>, about: &str) -> Value {
    json!({ "type": "string", "enum": values.collect::<Vec<_>>(), "description": about })
}
