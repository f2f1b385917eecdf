//! What must come of each mode: `third-party/hostile/expected.toml`.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Deserialize;

use crate::failure::Failure;

/// What ends a name that stands for all modes that begin with it.
const PATTERN_END: char = '*';

/// What must come of a mode.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Expected {
    /// What the server does, in one sentence.
    pub(super) about: String,
    /// The exit code, or those that are right.
    exit: Codes,
    /// The diagnosis of every canary that is red, and of the run: a code, or a layer if several codes are right. Empty if
    /// all canaries must pass.
    #[serde(default)]
    pub(super) diagnosis: Vec<String>,
    /// Findings that must be reported.
    #[serde(default)]
    pub(super) findings: Vec<String>,
    /// The canaries to run.
    #[serde(default = "one_canary")]
    pub(super) canaries: Vec<String>,
    /// More arguments.
    #[serde(default)]
    pub(super) arguments: Vec<String>,
    /// The profile beside the server.
    #[serde(default = "profile")]
    pub(super) profile: String,
    /// The longest wait for the card.
    #[serde(default = "timeout")]
    pub(super) timeout: String,
    /// The longest that a turn may take.
    #[serde(default = "turn_timeout")]
    pub(super) turn_timeout: String,
    /// A command of the shell that runs before coalmine in the same process, such as `ulimit`.
    pub(super) shell: Option<String>,
    /// The longest that the whole run may take, in seconds.
    #[serde(default = "seconds")]
    pub(super) seconds: f64,
    /// The highest peak memory of coalmine alone, in MiB.
    #[serde(default = "memory")]
    pub(super) memory: u64,
    /// The most that the folder of the run may take on the disk, in MiB.
    #[serde(default = "disk")]
    pub(super) disk: u64,
    /// Texts that may stand neither in the folder of the run nor in the output.
    #[serde(default)]
    pub(super) lacks: Vec<String>,
    /// Files that the attack itself writes into its working folder.
    #[serde(default)]
    pub(super) writes: Vec<String>,
    /// Whether a second listener of the attack may be called.
    #[serde(default)]
    pub(super) caught: bool,
    /// Whether coalmine is killed, so that `coalmine clean` removes what is left, and there are no reports.
    #[serde(default)]
    pub(super) swept: bool,
    /// Whether it is tried only with `--all`.
    #[serde(default)]
    slow: bool,
    /// Of a pattern: the modes that are tried without `--all`; all if it is left out.
    fast: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Codes {
    One(i32),
    Some(Vec<i32>),
}

fn one_canary() -> Vec<String> {
    vec!["name-recall".to_owned()]
}

fn profile() -> String {
    "profile".to_owned()
}

fn timeout() -> String {
    "20s".to_owned()
}

fn turn_timeout() -> String {
    "5s".to_owned()
}

fn seconds() -> f64 {
    10.0
}

fn memory() -> u64 {
    150
}

fn disk() -> u64 {
    50
}

impl Expected {
    /// Returns whether this exit code is right.
    pub(super) fn takes(&self, code: i32) -> bool {
        self.codes().contains(&code)
    }

    /// Returns the exit codes that are right.
    pub(super) fn codes(&self) -> &[i32] {
        match &self.exit {
            Codes::One(code) => std::slice::from_ref(code),
            Codes::Some(codes) => codes,
        }
    }
}

/// A mode with what must come of it.
#[derive(Debug, Clone)]
pub(super) struct Mode {
    pub(super) name: String,
    pub(super) expected: Expected,
}

impl Mode {
    /// Returns whether the arguments choose this mode.
    pub(super) fn is_chosen(&self, only: &[String], all: bool) -> bool {
        if !only.is_empty() {
            return only.iter().any(|only| matches(only, &self.name));
        }
        let is_fast = self.expected.fast.as_ref().is_none_or(|fast| fast.contains(&self.name));
        all || (is_fast && !self.expected.slow)
    }
}

/// The truth about all modes: by name, or by the beginning of names.
#[derive(Debug)]
pub(super) struct Truth(BTreeMap<String, Expected>);

impl Truth {
    /// Reads the truth from a file.
    pub(super) fn read(path: &Utf8Path) -> Result<Self, Failure> {
        let text = fs_err::read_to_string(path)?;
        toml::from_str(&text)
            .map(Self)
            .map_err(|error| Failure::new(format!("could not read {path}")).because(error))
    }

    /// Returns these modes with the truth about each. Every mode must have one, and everything in the file must be about
    /// a mode.
    pub(super) fn modes(&self, names: &[&str]) -> Result<Vec<Mode>, Failure> {
        let mut unused: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let (mut modes, mut without) = (vec![], vec![]);
        for name in names {
            let Some((key, expected)) = self.about(name) else {
                without.push(*name);
                continue;
            };
            unused.retain(|other| *other != key);
            modes.push(Mode { name: (*name).to_owned(), expected: expected.clone() });
        }
        unused.extend(self.fast().filter(|fast| !names.contains(fast)));
        for (problem, list) in [("have no truth", without), ("are not modes of the server", unused)] {
            if !list.is_empty() {
                return Err(Failure::new(format!("these {problem}: {}", list.join(", "))));
            }
        }
        Ok(modes)
    }

    fn fast(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter_map(|expected| expected.fast.as_ref()).flatten().map(String::as_str)
    }

    /// Returns what the file says about a mode: under its name, else under the longest beginning of it.
    fn about(&self, name: &str) -> Option<(&str, &Expected)> {
        let all = self.0.iter().filter(|(key, _)| matches(key, name));
        all.max_by_key(|(key, _)| (!key.ends_with(PATTERN_END), key.len()))
            .map(|(key, about)| (key.as_str(), about))
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix(PATTERN_END) {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: &str = "['a-*']\nabout = 'All.'\nexit = 1\nfast = ['a-fast']\n\
                         ['a-b-*']\nabout = 'Some.'\nexit = [1, 2]\n[a-b-c]\nabout = 'One.'\nexit = 0\nslow = true\n";

    fn truth(text: &str) -> Truth {
        Truth(toml::from_str(text).unwrap())
    }

    #[test]
    fn name_outranks_patterns_and_longer_ones_shorter_ones() {
        let modes = truth(TRUTH).modes(&["a-fast", "a-x", "a-b-x", "a-b-c"]).unwrap();
        let about: Vec<&str> = modes.iter().map(|mode| mode.expected.about.as_str()).collect();
        assert_eq!(about, ["All.", "All.", "Some.", "One."]);
        let chosen = |only: &[&str], all| {
            let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
            let chosen = modes.iter().filter(|mode| mode.is_chosen(&only, all));
            chosen.map(|mode| mode.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&[], false), ["a-fast", "a-b-x"]);
        assert_eq!(chosen(&[], true).len(), 4);
        assert_eq!(chosen(&["a-b-*"], false), ["a-b-x", "a-b-c"]);
        assert!(modes[2].expected.takes(2) && !modes[3].expected.takes(1));
    }

    #[test]
    fn every_mode_has_a_truth_and_every_truth_a_mode() {
        let problem = |text: &str, names: &[&str]| truth(text).modes(names).unwrap_err().what;
        assert_eq!(problem(TRUTH, &["a-fast", "a-b-x", "a-b-c", "z"]), "these have no truth: z");
        assert_eq!(problem(TRUTH, &["a-fast", "a-b-x"]), "these are not modes of the server: a-b-c");
        assert_eq!(problem(TRUTH, &["a-b-c", "a-b-x", "a-x"]), "these are not modes of the server: a-fast");
    }

    #[test]
    fn unknown_keys_are_refused() {
        let read = |text| toml::from_str::<BTreeMap<String, Expected>>(text).map(drop);
        assert!(read("[a]\nabout = 'x'\nexit = 1\n").is_ok());
        for wrong in [
            "[a]\nabout = 'x'\nexit = 1\nexti = 2\n",
            "[a]\nabout = 'x'\n",
            "[a]\nexit = 1\n",
            "[a]\nabout = 'x'\nexit = 'no'\n",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
