//! What the arguments of tools mean, by their names and their schemas.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::side_call::words;
use crate::{Prompt, ToolOffer};

/// Words for somebody who is asked.
const ADDRESSEES: [&str; 15] = [
    "agent",
    "agents",
    "peer",
    "peers",
    "workspace",
    "recipient",
    "addressee",
    "target",
    "destination",
    "worker",
    "assistant",
    "receiver",
    "to",
    "url",
    "endpoint",
];
/// Words for what somebody is asked, the most likely first.
const TASKS: [&str; 13] = [
    "message",
    "task",
    "question",
    "query",
    "request",
    "prompt",
    "instruction",
    "instructions",
    "text",
    "content",
    "input",
    "body",
    "goal",
];
/// Words in the names of tools that ask other agents, whatever their arguments are.
const PEER_TOOLS: [&str; 7] = ["peer", "peers", "agent", "agents", "a2a", "workspace", "remote"];

/// What a call of a tool is for, and the words for it, the most likely first.
const PURPOSES: [(&str, &[&str]); 5] = [
    (
        "memory-write",
        &[
            "add", "append", "write", "save", "store", "create", "commit", "insert", "remember", "upsert",
            "put", "set", "memorize",
        ],
    ),
    (
        "memory-read",
        &[
            "search", "read", "recall", "query", "get", "view", "retrieve", "find", "lookup", "fetch",
            "show", "list",
        ],
    ),
    ("read-file", &["read", "view", "open", "get", "cat", "fetch", "show"]),
    ("skill", &["use", "load", "activate", "invoke", "read", "view", "get", "run", "show"]),
    ("peer", &["send", "ask", "message", "delegate", "call", "query", "request"]),
];

/// Returns whether an argument names somebody who is asked.
pub(super) fn is_addressee(argument: &str) -> bool {
    words(argument).iter().any(|word| ADDRESSEES.contains(&word.as_str()))
}

/// Returns how likely an argument takes what somebody is asked: less is more likely.
pub(super) fn task_rank(argument: &str) -> Option<usize> {
    let words = words(argument);
    let is_id = words.iter().any(|word| ["id", "ids", "type", "name"].contains(&word.as_str()));
    TASKS.iter().position(|task| words.iter().any(|word| word == task)).filter(|_| !is_id)
}

/// Returns whether a tool can ask other agents: its name says so, or it takes somebody to ask.
pub(super) fn may_ask_peers(tool: &ToolOffer) -> bool {
    let arguments = tool.parameters.get("properties").and_then(Value::as_object);
    let is_named = || words(&tool.name).iter().any(|word| PEER_TOOLS.contains(&word.as_str()));
    // a tool of unknown shape is judged by its name alone
    arguments.is_none_or(serde_json::Map::is_empty)
        || is_named()
        || arguments.is_some_and(|arguments| arguments.keys().any(|name| is_addressee(name)))
}

/// Returns the choice that means what a role is for, if an argument says what a tool is to do: by its name, or
/// because several of its choices are things to do.
pub(super) fn choice_for<'a>(
    role: &str,
    argument: &str,
    choices: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if !is_action(argument) && choices.clone().filter(|choice| is_purpose(choice)).count() < 2 {
        return None;
    }
    let (_, verbs) = PURPOSES.iter().find(|(known, _)| *known == role)?;
    verbs.iter().find_map(|verb| choices.clone().find(|choice| words(choice).iter().any(|word| word == verb)))
}

fn is_purpose(choice: &str) -> bool {
    let others = ["remove", "delete", "replace", "update", "edit", "clear", "forget"];
    words(choice).iter().any(|word| {
        others.contains(&word.as_str()) || PURPOSES.iter().any(|(_, verbs)| verbs.contains(&word.as_str()))
    })
}

/// Returns whether an argument says what a tool with several purposes is to do.
pub(super) fn is_action(argument: &str) -> bool {
    let words = words(argument);
    words.last().is_some_and(|last| {
        ["action", "operation", "op", "command", "method", "verb"].contains(&last.as_str())
    })
}

/// Returns the word for what a role is for: the first that a description mentions, or the usual one.
pub(super) fn action_for(role: &str, description: &str) -> Option<&'static str> {
    let (_, verbs) = PURPOSES.iter().find(|(known, _)| *known == role)?;
    let described = words(description);
    verbs.iter().find(|verb| described.iter().any(|word| word == *verb)).or_else(|| verbs.first()).copied()
}

/// Minimum length of an id.
const MIN_ID: usize = 3;

/// An id with its label, in JSON or in words.
static ID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)id["'`]? *[:=(]? *["'`]?([A-Za-z0-9][A-Za-z0-9_.-]*)"#).ok());

/// Returns the id under which a prompt lists somebody: the known id if it stands there, or else the one in the
/// line or the object that mentions the words of it.
pub(super) fn id_in_prompt(prompt: &Prompt, known: &str) -> String {
    let everything = prompt.everything();
    if everything.contains(known) {
        return known.to_owned();
    }
    let name = words(known);
    let mentions = |entry: &str| {
        let entry = words(entry);
        // an id may have a prefix that its name does not have
        name.len() > 1 && name.iter().skip(1).all(|word| entry.contains(word))
    };
    let entries = everything.split(['\n', '{', '}']).filter(|entry| mentions(entry));
    let ids = entries.filter_map(|entry| {
        let mut found = ID.as_ref()?.captures_iter(entry);
        found.find(|found| found[1].len() >= MIN_ID).map(|found| found[1].to_owned())
    });
    ids.into_iter().next().unwrap_or_else(|| known.to_owned())
}
