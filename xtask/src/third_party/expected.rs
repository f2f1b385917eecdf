//! What is expected of a server's modes, and how a summary departs from it.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;

/// The mode that decides which canaries are skipped in the other modes too.
const GOOD: &str = "good";

/// A mode of a server: what it does, and what a run must report about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mode {
    /// What it does, in one sentence.
    pub(super) about: String,
    /// The file of the server, without its extension; `server` by default.
    pub(super) server: Option<String>,
    /// The canaries that must fail, each with its diagnosis or, if more than one is right, its layer. All others must pass
    /// or be skipped.
    #[serde(default)]
    fails: BTreeMap<String, String>,
    /// The canaries that must be skipped; by default those of the mode `good` of the same server.
    skips: Option<BTreeSet<String>>,
}

/// The modes of a folder by name, read from its `expected.toml`.
#[derive(Debug)]
pub(super) struct Modes(BTreeMap<String, Mode>);

impl Modes {
    /// Reads an `expected.toml`.
    pub(super) fn read(path: &Utf8Path) -> Result<Self, Failure> {
        let text = fs_err::read_to_string(path)?;
        toml::from_str(&text)
            .map(Self)
            .map_err(|error| Failure::new(format!("could not read {path}")).because(error))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Mode)> {
        self.0.iter().map(|(name, mode)| (name.as_str(), mode))
    }

    /// Returns how the summary of a run departs from what is expected of a mode, one sentence for each canary.
    pub(super) fn departures(&self, mode: &Mode, summary: &Value) -> Vec<String> {
        let good = self.iter().find(|(name, other)| name.starts_with(GOOD) && other.server == mode.server);
        let skips = mode.skips.as_ref().or_else(|| good.and_then(|(_, good)| good.skips.as_ref()));
        let mut missing: BTreeSet<&str> = mode.fails.keys().map(String::as_str).collect();
        let mut departures = vec![];
        for canary in summary["canaries"].as_array().into_iter().flatten() {
            let (id, verdict) = (text(&canary["id"]), text(&canary["verdict"]));
            missing.remove(id);
            let skipped = skips.is_some_and(|skips| skips.contains(id));
            let actual = if verdict == "fail" { text(&canary["diagnosis"]["code"]) } else { verdict };
            let expected = match mode.fails.get(id) {
                Some(code) => code.as_str(),
                None if skipped => "skip",
                None => "pass",
            };
            if actual != expected && actual.split_once('.').is_none_or(|(layer, _)| layer != expected) {
                let sentence = canary["diagnosis"]["sentence"].as_str().or(canary["reason"].as_str());
                departures.push(format!(
                    "{id}: expected {expected}, got {actual}: {}",
                    sentence.unwrap_or_default()
                ));
            }
        }
        departures.extend(missing.iter().map(|id| format!("{id} did not run")));
        departures
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MODES: &str = "[good]\nabout = 'Keeps everything.'\nskips = ['memory']\n\
                         [forgetful]\nabout = 'Forgets.'\nfails = { recall = 'prompt.history-missing', files = 'prompt' }\n";

    fn departures(canaries: Value) -> Vec<String> {
        let modes = Modes(toml::from_str(MODES).unwrap());
        modes.departures(&modes.0["forgetful"], &json!({ "canaries": canaries }))
    }

    fn failed(id: &str, code: &str) -> Value {
        json!({ "id": id, "verdict": "fail", "diagnosis": { "code": code, "sentence": "why" } })
    }

    #[test]
    fn expected_verdicts_do_not_depart() {
        let canaries = json!([
            failed("recall", "prompt.history-missing"),
            failed("files", "prompt.file-missing"),
            { "id": "memory", "verdict": "skip", "reason": "no memory" },
            { "id": "card", "verdict": "pass" },
        ]);
        assert_eq!(departures(canaries), Vec::<String>::new());
    }

    #[test]
    fn every_departure_is_named() {
        let canaries = json!([
            failed("recall", "reply.answer-lost"),
            { "id": "memory", "verdict": "pass" },
            failed("card", "wire.timeout"),
        ]);
        let expected = [
            "recall: expected prompt.history-missing, got reply.answer-lost: why",
            "memory: expected skip, got pass: ",
            "card: expected pass, got wire.timeout: why",
            "files did not run",
        ];
        assert_eq!(departures(canaries), expected);
    }
}
