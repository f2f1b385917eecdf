//! What a finished run says about its runtime, written into a profile.

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::{
    event::{TargetInfo, TargetKind, Verdict},
    plan::builtin,
};
use coalmine_report::Summary;
use fs_err as fs;
use toml_edit::{DocumentMut, TableLike, Value};

use super::toml_text::TomlText;
use crate::{failure::Failure, files};

const SUMMARY: &str = "summary.json";
/// What stands in reports in place of a secret.
const REDACTED: &str = "[redacted]";
/// The arguments that a profile states.
const IN_PROFILE: [&str; 7] = ["--image", "--cmd", "--profile", "--port", "--dialect", "--env", "-e"];

/// What is known of a runtime from one of its runs.
pub(super) struct Facts {
    /// The profile of the run: its file, or the name of a built-in one.
    profile: Result<Utf8PathBuf, String>,
    target: TargetInfo,
    /// The arguments that the profile takes over, with their values.
    given: Vec<(String, String)>,
    /// The lines of a profile with which skipped canaries would be judged, with those canaries.
    hints: Vec<(String, Vec<String>)>,
    /// The arguments of the run that a profile cannot state.
    pub(super) arguments: Vec<String>,
}

impl Facts {
    /// Reads the folder of a run.
    pub(super) fn read(folder: &Utf8Path) -> Result<Self, Failure> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Failure::new(format!("could not read the run in `{folder}`"))
                .because(error)
                .hint("give the folder of a finished run, such as `coalmine-out/latest`")
        };
        let text = fs::read_to_string(folder.join(SUMMARY)).map_err(|error| unreadable(&error))?;
        let summary: Summary = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
        let Arguments { given, profile, rest } = Arguments::sorted(&summary.run.arguments);
        let is_name = |name: &String| builtin::profile_names().any(|known| known == name);
        Ok(Self {
            profile: match profile.filter(|profile| !is_name(profile)) {
                Some(file) => Ok(file.into()),
                None => Err(summary.target.profile.clone()),
            },
            hints: hints(&summary),
            target: summary.target,
            given,
            arguments: rest,
        })
    }

    /// Returns the skeleton, or the file of the run's own profile, with everything that is known.
    pub(super) fn written_into(&self, skeleton: TomlText) -> Result<String, Failure> {
        let mut text = match &self.profile {
            Ok(file) => TomlText::new(&files::read(file).map_err(|_| {
                Failure::new(format!("could not read `{file}`, the profile of the run"))
                    .hint("call this in the folder in which the run was started")
            })?),
            Err(name) => {
                let mut text = skeleton;
                text.set("extends", name.as_str().into(), "");
                text
            }
        };
        let TargetInfo { kind, subject, image, .. } = &self.target;
        match (kind, image, subject) {
            (TargetKind::Docker, Some(image), _) => text.set("image", image.as_str().into(), ""),
            (TargetKind::Process, _, Some(command)) => text.set("command", command.as_str().into(), ""),
            _ => {}
        }
        for (flag, value) in &self.given {
            set_given(&mut text, flag, value);
        }
        for (hint, canaries) in &self.hints {
            let note = format!("skipped without it: {}", canaries.join(", "));
            for (key, value) in values_of(hint) {
                text.set(&key, value, &note);
            }
        }
        Ok(text.to_string())
    }
}

fn set_given(text: &mut TomlText, flag: &str, value: &str) {
    match (flag, value.split_once('='), value.parse::<i64>()) {
        ("--port", _, Ok(port)) => text.set("port", port.into(), ""),
        ("--dialect", ..) => text.set("dialect", value.into(), ""),
        ("--env" | "-e", Some((name, value)), _) => text.set(&format!("env.{name}"), value.into(), ""),
        _ => {}
    }
}

/// The arguments of a run: those that a profile can state, and the others.
struct Arguments {
    given: Vec<(String, String)>,
    profile: Option<String>,
    rest: Vec<String>,
}

impl Arguments {
    fn sorted(arguments: &[String]) -> Self {
        let mut sorted = Self { given: vec![], profile: None, rest: vec![] };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (flag, value) = match word.split_once('=').filter(|_| word.starts_with("--")) {
                Some((flag, value)) => (flag, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            if !IN_PROFILE.contains(&flag) {
                sorted.rest.push(word.clone());
                continue;
            }
            let Some(value) = value.or_else(|| words.next().cloned()) else { continue };
            match flag {
                "--profile" => sorted.profile = Some(value),
                // a secret is given to each run
                _ if value.contains(REDACTED) => sorted.rest.extend([flag.to_owned(), value]),
                _ => sorted.given.push((flag.to_owned(), value)),
            }
        }
        sorted
    }
}

/// Returns the lines that were missing from the profile, each with the canaries that it concerns.
fn hints(summary: &Summary) -> Vec<(String, Vec<String>)> {
    let mut hints: Vec<(String, Vec<String>)> = vec![];
    for canary in summary.canaries.iter().filter(|canary| canary.verdict == Verdict::Skip) {
        let Some(hint) = &canary.hint_toml else { continue };
        match hints.iter_mut().find(|(known, _)| known == hint) {
            Some((_, canaries)) => canaries.push(canary.id.clone()),
            None => hints.push((hint.clone(), vec![canary.id.clone()])),
        }
    }
    hints
}

/// Returns the keys, such as `memory.promise`, and the values of a line of TOML.
fn values_of(line: &str) -> Vec<(String, Value)> {
    fn collect(table: &dyn TableLike, path: &str, found: &mut Vec<(String, Value)>) {
        for (key, item) in table.iter() {
            let key = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            match (item.as_table_like(), item.as_value()) {
                (Some(table), _) => collect(table, &key, found),
                (None, Some(value)) => found.push((key, value.clone())),
                (None, None) => {}
            }
        }
    }
    let mut found = vec![];
    if let Ok(document) = line.parse::<DocumentMut>() {
        collect(document.as_table(), "", &mut found);
    }
    found
}
