//! GW005: filters that keep a required workflow from running.

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    workflow::Trigger,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW005",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Measured,
    sentence: "a filter keeps a required workflow from running on some pull requests",
    page: include_str!("../../../../../docs/explain/GW005.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    for event in ["pull_request", "pull_request_target"] {
        let Some(trigger) = scope.workflow.trigger(event) else { continue };
        if !scope.is_gate(event) {
            continue;
        }
        for filter in ["paths", "paths-ignore", "branches-ignore"] {
            if let Some((place, _)) = trigger.filter(filter) {
                let message =
                    format!("`{filter}` keeps a required workflow from running on some pull requests");
                scope.error(place, message, consequence(scope));
            }
        }
        if let (Some((place, _)), Some(missing)) = (trigger.filter("types"), missing_type(&trigger)) {
            let message =
                format!("`types` lacks `{missing}`, so the required workflow does not run on every head");
            scope.error(place, message, consequence(scope));
        }
    }
}

fn missing_type(trigger: &Trigger<'_>) -> Option<&'static str> {
    let types = trigger.patterns("types")?;
    let has = |names: &[&str]| names.iter().any(|name| types.contains(name));
    if !has(&["opened"]) {
        Some("opened")
    } else if !has(&["synchronize", "synchronized"]) {
        Some("synchronize")
    } else {
        None
    }
}

fn consequence(scope: &FileScope<'_>) -> &'static str {
    if scope.server.is_gitea() {
        "remove the filter, and decide in a step: before 1.27 nothing is posted and the pull request is blocked for ever, \
         from 1.27 it is green without a run"
    } else {
        "remove the filter, and decide in a step: the check stays pending, and the pull request is blocked"
    }
}
