//! What is true of a server, and how a verdict departs from it.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;

/// The mode to which the others are compared: whatever it has no need for is skipped in all of them.
const GOOD: &str = "good";

/// A mode of a server: what it does, and what a run must say of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mode {
    /// What it does, in one sentence.
    pub(super) about: String,
    /// The file of the server; without it, the one named `server`.
    pub(super) server: Option<String>,
    /// The canaries that must fail, each with its diagnosis or, where more than one is right, its layer; all others must
    /// pass or be skipped.
    #[serde(default)]
    fails: BTreeMap<String, String>,
    /// The canaries that must be skipped; without it, those of the mode `good` of the same server.
    skips: Option<BTreeSet<String>>,
}

/// The modes of a folder, by name.
#[derive(Debug)]
pub(super) struct Truth(BTreeMap<String, Mode>);

impl Truth {
    /// Reads a `expected.toml`.
    pub(super) fn read(path: &Utf8Path) -> Result<Self, Failure> {
        let text = fs_err::read_to_string(path)?;
        toml::from_str(&text)
            .map(Self)
            .map_err(|error| Failure::new(format!("{path} is wrong")).because(error))
    }

    pub(super) fn modes(&self) -> impl Iterator<Item = (&str, &Mode)> {
        self.0.iter().map(|(name, mode)| (name.as_str(), mode))
    }

    /// Where the summary of a run departs from what is true of a mode.
    pub(super) fn departures(&self, mode: &Mode, summary: &Value) -> Vec<String> {
        let good = self.modes().find(|(name, other)| name.starts_with(GOOD) && other.server == mode.server);
        let skips = mode.skips.as_ref().or_else(|| good.and_then(|(_, good)| good.skips.as_ref()));
        let mut unseen: BTreeSet<&str> = mode.fails.keys().map(String::as_str).collect();
        let mut departures = vec![];
        for canary in summary["canaries"].as_array().into_iter().flatten() {
            let (id, verdict) = (text(&canary["id"]), text(&canary["verdict"]));
            unseen.remove(id);
            let skipped = skips.is_some_and(|skips| skips.contains(id));
            let told = match verdict {
                "fail" => text(&canary["diagnosis"]["code"]),
                other => other,
            };
            let expected = match mode.fails.get(id) {
                Some(code) => code.as_str(),
                None if skipped => "skip",
                None => "pass",
            };
            if told != expected && told.split_once('.').is_none_or(|(layer, _)| layer != expected) {
                let sentence = canary["diagnosis"]["sentence"].as_str().or(canary["reason"].as_str());
                departures.push(format!("{id} is {told}, not {expected}: {}", sentence.unwrap_or_default()));
            }
        }
        departures.extend(unseen.iter().map(|id| format!("{id} did not run")));
        departures
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
