//! GW012: versions of the artifact actions that fail on Gitea.

use super::Rule;
use crate::lint::{
    Severity,
    action::Action,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW012",
    severity: Severity::Error,
    applies: Applies::GITEA,
    evidence: Evidence::Read,
    sentence: "this version of an artifact action fails on Gitea",
    page: include_str!("../../../../../docs/explain/GW012.md"),
    check: Check::File(check),
};

/// Commits of versions from 4 on.
const NEW_COMMITS: [&str; 2] =
    ["bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "ea165f8d65b6e75b540449e92b4886f43607fa02"];

fn check(scope: &mut FileScope<'_>) {
    for step in scope.workflow.jobs().iter().flat_map(|job| job.steps()) {
        let Some(uses) = step.uses() else { continue };
        let Some(action) = Action::read(uses.text().unwrap_or_default()) else { continue };
        let artifact = ["actions/upload-artifact", "actions/download-artifact"].contains(&action.repository);
        let line = scope.text[uses.span.end.min(scope.text.len())..].lines().next().unwrap_or_default();
        let comment = line.split_once('#').map(|(_, comment)| comment.trim());
        if artifact && is_new(&action, comment) {
            let message = format!("`{}` from v4 on fails on Gitea", action.repository);
            scope.error(&uses.span, message, "use v3, which Gitea's server understands");
        }
    }
}

/// Returns whether the action is version 4 or later: by its tag, by a comment behind its commit, or because it is a branch.
fn is_new(action: &Action<'_>, comment: Option<&str>) -> bool {
    if !action.is_pinned() {
        return ["main", "master"].contains(&action.reference)
            || major(action.reference).is_some_and(|major| major >= 4);
    }
    NEW_COMMITS.contains(&action.reference)
        || comment.and_then(|words| words.split_whitespace().find_map(major)).is_some_and(|major| major >= 4)
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}
