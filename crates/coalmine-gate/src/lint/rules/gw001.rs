//! GW001: triggers that make the server ignore the file.

use super::Rule;
use crate::lint::{
    Severity,
    refusal::{Refused, refusals},
    rule::{Applies, Check, Evidence},
    scope::FileScope,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW001",
    severity: Severity::Error,
    applies: Applies::gitea_before(1, 26, 3),
    evidence: Evidence::Measured,
    sentence: "the server ignores the whole file because of how a trigger is written",
    page: include_str!("../../../../../docs/explain/GW001.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    let help = "write filters as lists, and move inputs into a workflow of its own that is not required";
    for refusal in refusals(scope.workflow, scope.server) {
        if refusal.what == Refused::Trigger {
            scope.error(&refusal.span, refusal.message, help);
        }
    }
}
