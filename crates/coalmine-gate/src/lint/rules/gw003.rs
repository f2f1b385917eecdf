//! GW003: events that the version does not have.

use super::Rule;
use crate::lint::{
    Server, Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW003",
    severity: Severity::Error,
    applies: Applies::GITEA,
    evidence: Evidence::Measured,
    sentence: "the server does not know an event that starts the workflow",
    page: include_str!("../../../../../docs/explain/GW003.md"),
    check: Check::File(check),
};

fn is_unknown(event: &str, server: Server) -> bool {
    event == "merge_group" || (event == "workflow_run" && server.is_before(1, 25))
}

fn check(scope: &mut FileScope<'_>) {
    let triggers = scope.workflow.triggers();
    let has_other = triggers.iter().any(|trigger| !is_unknown(trigger.event, scope.server));
    for trigger in triggers {
        if !is_unknown(trigger.event, scope.server) {
            continue;
        }
        let (event, place) = (trigger.event, &trigger.place.span);
        if has_other {
            let help = "remove the event, or keep it in the file for the forge that has it";
            scope.warning(place, format!("the event `{event}` never happens on this server"), help);
        } else {
            let message =
                format!("the workflow never runs: the event `{event}` never happens on this server");
            scope.error(place, message, "start the workflow on `pull_request`");
        }
    }
}
