//! GW002: `continue-on-error` of a step that is not a boolean.

use super::Rule;
use crate::lint::{
    Severity,
    refusal::{Refused, refusals},
    rule::{Applies, Check, Evidence},
    scope::FileScope,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW002",
    severity: Severity::Error,
    applies: Applies::GITEA,
    evidence: Evidence::Measured,
    sentence: "the server ignores the whole file because `continue-on-error` of a step is not `true` or `false`",
    page: include_str!("../../../../../docs/explain/GW002.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    let help = "write `true` or `false`, or decide inside the script; servers built since August 2026 accept an expression";
    for refusal in refusals(scope.workflow, scope.server) {
        if refusal.what == Refused::ContinueOnError {
            scope.error(&refusal.span, refusal.message, help);
        }
    }
}
