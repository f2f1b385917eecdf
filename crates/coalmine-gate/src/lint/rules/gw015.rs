//! GW015: a status code that is printed twice.

use std::sync::LazyLock;

use regex::Regex;

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    script,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW015",
    severity: Severity::Warning,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Policy,
    sentence: "a failing `curl` prints its own `000` before the one of `echo`",
    page: include_str!("../../../../../docs/explain/GW015.md"),
    check: Check::File(check),
};

static TWICE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:\$\(|`)[ \t]*(curl\b[^)`]*%\{http_code\}[^)`]*\|\|[ \t]*(?:echo|printf)[ \t]+["']?[0-9]+)"#,
    )
    .ok()
});

fn check(scope: &mut FileScope<'_>) {
    let Some(pattern) = TWICE.as_ref() else { return };
    for run in script::scripts(scope.workflow) {
        for place in script::matches(scope.text, &run.span, pattern) {
            let message = "if curl fails, this gives two codes, such as `000000`";
            scope.warning(&place, message, "write `|| true`: curl prints `000` itself");
        }
    }
}
