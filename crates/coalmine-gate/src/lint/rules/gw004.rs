//! GW004: required jobs that may be skipped.

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW004",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Measured,
    sentence: "a required job can be skipped, and a skipped job counts as green",
    page: include_str!("../../../../../docs/explain/GW004.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    for job in scope.required_jobs() {
        let condition = job.condition().and_then(|node| Some((node, node.text()?)));
        let always = condition.is_some_and(|(_, text)| is_always(text));
        if let Some((needs, _)) = job.needs()
            && condition.is_none()
        {
            let message = format!(
                "the required job `{}` is skipped, and so green, if a job that it needs fails",
                job.key
            );
            scope.error(
                needs,
                message,
                "remove `needs`, or add `if: always()` and check the results in a step",
            );
        }
        if let Some((node, _)) = condition
            && !always
        {
            let message =
                format!("the required job `{}` is green without running if its condition is false", job.key);
            let help =
                "move the condition to the steps; a job that needs others may have exactly `if: always()`";
            scope.error(&node.span, message, help);
        }
    }
}

fn is_always(condition: &str) -> bool {
    let inner = condition.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    inner.unwrap_or(condition).trim() == "always()"
}
