//! GW007: workflows without a name.

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW007",
    severity: Severity::Error,
    applies: Applies::gitea_before(1, 27, 0),
    evidence: Evidence::Measured,
    sentence: "a workflow has no name, so its context is shared with every other workflow that has none",
    page: include_str!("../../../../../docs/explain/GW007.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    if scope.workflow.name().is_some() || scope.events().is_empty() {
        return;
    }
    let job = scope.workflow.jobs().first().map_or("job", |job| job.key).to_owned();
    let place = scope
        .workflow
        .root()
        .entry("name")
        .map_or_else(|| scope.workflow.start(), |entry| entry.key.span.clone());
    let message =
        format!("the workflow has no name: its context is `/ {job} (…)`, as that of every file without one");
    let help = "give the workflow a `name` that no other file has";
    if scope.required_jobs().is_empty() {
        scope.warning(&place, message, help);
    } else {
        scope.error(&place, message, help);
    }
}
