//! The tools the model may call.

use serde_json::{Map, Value, json};

use crate::{peer::Entry, skill::Skill};

/// What the model can be offered beside its memory, in this turn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Offer<'a> {
    pub(crate) skills: &'a [Skill],
    pub(crate) peers: &'a [Entry],
}

impl Offer<'_> {
    /// All tools, as function definitions.
    pub(super) fn definitions(&self) -> Value {
        let mut tools = vec![
            function(
                "commit_memory",
                "Keep something for later conversations, when the user asks to have it remembered",
                [("content", text("What to keep, in a full sentence"))],
            ),
            function(
                "recall_memory",
                "Look up what was kept in this or an earlier conversation",
                [("query", text("A few words about what is looked for"))],
            ),
        ];
        if !self.skills.is_empty() {
            let names = self.skills.iter().map(|skill| skill.name.as_str());
            tools.push(function(
                "use_skill",
                "Get the instructions of a skill, before doing what it is for",
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
                "Ask another agent, which sees nothing of this conversation but the message. There are:{known}"
            );
            tools.push(function(
                "ask_peer",
                &about,
                [
                    ("agent", one_of(ids, "Whom to ask")),
                    ("message", text("The question, with all that is needed to answer it")),
                ],
            ));
        }
        tools.into()
    }

    /// What the system's message says about them.
    pub(super) fn introduction(&self) -> String {
        if self.skills.is_empty() {
            return String::new();
        }
        let list: String = self.skills.iter().map(|s| format!("\n- {}: {}", s.name, s.description)).collect();
        format!(
            "\n\nThese skills are instructions for tasks of a kind. Before you do what one of them is for, call \
             use_skill with its name and follow what it says:{list}"
        )
    }
}

/// A function whose arguments are all required.
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
