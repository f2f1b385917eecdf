//! GW014: actions that are not pinned.

use super::Rule;
use crate::lint::{
    Severity,
    action::Action,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    yaml::Node,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW014",
    severity: Severity::Warning,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Policy,
    sentence: "an action can be changed by somebody else without a change in this repository",
    page: include_str!("../../../../../docs/explain/GW014.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    for job in scope.workflow.jobs() {
        if let Some(uses) = job.uses() {
            called(scope, uses);
        }
        for uses in job.steps().iter().filter_map(|step| step.uses()) {
            used(scope, uses);
        }
    }
}

fn called(scope: &mut FileScope<'_>, uses: &Node) {
    let Some(action) = Action::read(uses.text().unwrap_or_default()) else { return };
    let message = if action.is_pinned() {
        format!(
            "another repository, `{}`, decides what this job does and which contexts it posts",
            action.repository
        )
    } else {
        format!("`{}` decides what this job does, and `{}` is no commit", action.repository, action.reference)
    };
    scope.warning(&uses.span, message, "keep the workflow of a required check in the repository itself");
}

fn used(scope: &mut FileScope<'_>, uses: &Node) {
    let text = uses.text().unwrap_or_default();
    let help = "name the commit, with the version in a comment: `owner/action@<40 digits> # v1.2.3`";
    if let Some(image) = text.strip_prefix("docker://") {
        if !image.contains("@sha256:") {
            scope.warning(&uses.span, "the image of this step is not pinned", "name the image by its digest");
        }
    } else if let Some(action) = Action::read(text) {
        if action.host.is_some() && scope.server.is_gitea() {
            let message =
                "the action comes from a fixed address, whatever the server's own address for actions is";
            scope.warning(&uses.span, message, "write `owner/action@<commit>`, or do it in a script");
        } else if !action.is_pinned() {
            scope.warning(
                &uses.span,
                format!("the action is not pinned: `{}` is no commit", action.reference),
                help,
            );
        }
    }
}
