//! What a pull request changes about its own gate.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::{
    FILE, Root,
    settings::{Project, is_path},
};

/// Where forges look for the gate's workflow.
const WORKFLOWS: [&str; 3] = [
    ".gitea/workflows/session-continuity-e2e.yml",
    ".forgejo/workflows/session-continuity-e2e.yml",
    ".github/workflows/session-continuity-e2e.yml",
];

/// What a pull request changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The changes, in words.
    pub(crate) all: Vec<String>,
    /// Whether a run that follows the pull request's files may end otherwise.
    pub(crate) matter: bool,
}

impl Changes {
    /// Compares the base branch's files with the pull request's. `head` is `None` if the pull request removes the file or
    /// breaks it.
    pub(super) fn between(base: &Project, head: Option<&Project>, head_root: &Root) -> Self {
        let mut changes = Self::default();
        match head {
            Some(head) => {
                for (key, matters, from, to) in keys(base, head) {
                    if from != to {
                        changes.all.push(format!("`{key}` in {FILE}: {from} became {to}"));
                        changes.matter |= matters;
                    }
                }
                let (before, after) = (Files::of(base), Files::of(head));
                for (path, text) in &before.0 {
                    match after.0.get(path) {
                        Some(new) if new == text => continue,
                        Some(_) => changes.all.push(format!("`{path}` differs")),
                        None => changes.all.push(format!("`{path}` is gone or no longer named")),
                    }
                    changes.matter = true;
                }
                for path in after.0.keys().filter(|path| !before.0.contains_key(*path)) {
                    changes.all.push(format!("`{path}` is new"));
                    changes.matter = true;
                }
            }
            None if head_root.has(FILE.into()) => {
                changes.all.push(format!("{FILE} cannot be read"));
                changes.matter = true;
            }
            None => changes.all.push(format!("{FILE} is gone")),
        }
        for path in WORKFLOWS {
            let text = |root: &Root| root.has(path.into()).then(|| root.read(path.into()).ok());
            if text(&base.root) != text(head_root) {
                changes.all.push(format!("the workflow `{path}` differs"));
            }
        }
        changes
    }
}

/// Returns each key with whether it matters to a run, and its values in the base branch and in the pull request.
fn keys(base: &Project, head: &Project) -> Vec<(&'static str, bool, String, String)> {
    /// Returns a value in words.
    macro_rules! pair {
        ($name:literal, $matters:literal, $key:ident) => {
            ($name, $matters, shown(&base.file.$key), shown(&head.file.$key))
        };
    }
    vec![
        pair!("build", true, build),
        pair!("image", true, image),
        pair!("profile", true, profile),
        pair!("port", true, port),
        pair!("canaries", true, canaries),
        pair!("env", true, env),
        pair!("baseline", true, baseline),
        pair!("strict", true, strict),
        pair!("timeout", true, timeout),
        // the tool that judges a pull request is the base branch's
        pair!("tool-image", false, tool_image),
    ]
}

fn shown(value: &impl std::fmt::Debug) -> String {
    match format!("{value:?}").as_str() {
        "None" | "[]" => "nothing".to_owned(),
        text => text.strip_prefix("Some(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text).to_owned(),
    }
}

/// The texts of the files that a project names: its profile, its baseline and its canaries. One that cannot be read has none.
struct Files(BTreeMap<Utf8PathBuf, Option<String>>);

impl Files {
    fn of(project: &Project) -> Self {
        let mut paths: Vec<Utf8PathBuf> = vec![];
        paths.extend(project.file.profile.iter().filter(|text| is_path(text)).map(Utf8PathBuf::from));
        paths.extend(project.file.baseline.clone());
        match project.canary_paths() {
            Ok(found) => paths.extend(found),
            Err(_) => {
                let named = project.file.canaries.iter().filter(|text| is_path(text));
                paths.extend(named.map(Utf8PathBuf::from));
            }
        }
        Self(paths.into_iter().map(|path| (path.clone(), project.root.read(&path).ok())).collect())
    }
}
