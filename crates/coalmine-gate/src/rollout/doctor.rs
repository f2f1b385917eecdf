//! Compares what a repository requires with what its pull requests really get.

use std::collections::BTreeSet;

use serde::Serialize;

use super::gate::{FileState, Gate};
use crate::forge::{Branch, Statuses};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The gate does not hold, or blocks every pull request.
    Error,
    /// It may not hold.
    Warning,
    /// It is worth knowing.
    Note,
}

/// Something that a look at a repository shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What was seen of a repository.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The default branch, as any reader sees it.
    pub branch: &'a Branch,
    /// The gate's file on the default branch.
    pub file: FileState,
    /// Whether there are workflows in `.gitea/workflows`, and the files in `.github/workflows`.
    pub folders: Folders,
    /// The heads of the newest pull requests, with their statuses.
    pub heads: &'a [(String, Statuses)],
}

/// The folders with workflows.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// The files in the folder that only Gitea reads.
    pub gitea: Vec<String>,
    /// The files in the folder that GitHub reads, and Gitea if the other one does not exist.
    pub github: Vec<String>,
}

/// Returns what is wrong, the worst first.
pub fn examine(gate: &Gate, seen: &Seen<'_>) -> Vec<Finding> {
    let mut findings = vec![];
    examine_protection(gate, seen, &mut findings);
    examine_contexts(gate, seen, &mut findings);
    examine_greens(gate, seen, &mut findings);
    examine_files(gate, seen, &mut findings);
    findings.sort();
    findings.dedup();
    findings
}

fn finding(severity: Severity, message: String, hint: &str) -> Finding {
    Finding { severity, message, hint: hint.to_owned() }
}

fn examine_protection(gate: &Gate, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let Seen { branch, .. } = seen;
    if !branch.protected {
        findings.push(finding(
            Severity::Note,
            format!("`{}` is not protected: nothing is required", branch.name),
            "`coalmine gate require` does it, once the bake is done",
        ));
    } else if !branch.contexts.is_empty() && !branch.enforced {
        findings.push(finding(
            Severity::Error,
            format!("`{}` names required contexts, but does not enforce them", branch.name),
            "turn on the status check in the branch's protection",
        ));
    } else if branch.contexts.is_empty() && branch.enforced {
        findings.push(finding(
            Severity::Error,
            format!("`{}` enforces the status check without any context: any red status blocks", branch.name),
            "name the contexts, or turn the status check off",
        ));
    } else if !branch.contexts.iter().any(|required| required.matches(gate.context())) {
        findings.push(finding(
            Severity::Note,
            format!("`{}` does not require the gate", branch.name),
            "`coalmine gate require` does it, once the bake is done",
        ));
    }
}

fn examine_contexts(gate: &Gate, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let posted: BTreeSet<&str> = seen
        .heads
        .iter()
        .flat_map(|(_, statuses)| statuses.all().iter().map(|status| status.context.as_str()))
        .collect();
    for required in &seen.branch.contexts {
        if gate.mistaken_context() == required.literal().as_deref() && gate.mistaken_context().is_some() {
            findings.push(finding(
                Severity::Error,
                format!(
                    "`{}` is required, and no forge posts it: every pull request waits for ever",
                    required.written()
                ),
                &format!("require `{}` instead", gate.context()),
            ));
        } else if !seen.heads.is_empty() && !posted.iter().any(|context| required.matches(context)) {
            findings.push(finding(
                Severity::Error,
                format!(
                    "`{}` is required, and none of the last {} heads got it",
                    required.written(),
                    seen.heads.len()
                ),
                "remove it from the protection, or mend the workflow that should post it",
            ));
        }
    }
    let optional =
        posted.iter().filter(|context| !seen.branch.contexts.iter().any(|one| one.matches(context)));
    for context in optional.filter(|context| **context != gate.context()) {
        findings.push(finding(
            Severity::Note,
            format!("`{context}` is posted, and not required"),
            "require it if it is meant as a gate",
        ));
    }
}

/// Greens that mean nothing, of any required context.
fn examine_greens(gate: &Gate, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    for (sha, statuses) in seen.heads {
        for status in statuses.newest() {
            let counts = status.context == gate.context()
                || seen.branch.contexts.iter().any(|required| required.matches(&status.context));
            if !counts {
                continue;
            }
            let short: String = sha.chars().take(10).collect();
            let context = &status.context;
            let problem = if status.is_skipped() {
                "was skipped, which counts as green".to_owned()
            } else if let Some(login) = &status.creator {
                format!("was posted by the user `{login}`, not by a run")
            } else if status.state == crate::forge::StatusState::Warning {
                "is a warning, which blocks like a failure".to_owned()
            } else if let crate::forge::StatusState::Other(state) = &status.state {
                format!("has the invented state `{state}`")
            } else {
                continue;
            };
            findings.push(finding(
                Severity::Warning,
                format!("`{context}` at {short} {problem}"),
                "look at who can write statuses, and at conditions of the job",
            ));
        }
    }
}

fn examine_files(gate: &Gate, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let path = gate.path();
    match seen.file {
        FileState::Identical => {}
        FileState::Differs => findings.push(finding(
            Severity::Error,
            format!("`{path}` differs from the canonical file"),
            "`coalmine gate onboard` opens a pull request with the canonical one",
        )),
        FileState::Missing => findings.push(finding(
            Severity::Note,
            format!("there is no `{path}`"),
            "`coalmine gate onboard` opens a pull request with it",
        )),
    }
    let ignores_github = gate.path().starts_with(".gitea/") && !seen.folders.gitea.is_empty();
    if ignores_github && !seen.folders.github.is_empty() {
        findings.push(finding(
            Severity::Warning,
            format!(
                "`.gitea/workflows` exists, so these workflows are ignored: {}",
                seen.folders.github.join(", ")
            ),
            "move them to `.gitea/workflows`, or delete them",
        ));
    }
}
