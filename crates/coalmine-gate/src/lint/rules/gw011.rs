//! GW011: keys that the version ignores.

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    yaml::{Node, Span},
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW011",
    severity: Severity::Warning,
    applies: Applies::GITEA,
    evidence: Evidence::Measured,
    sentence: "the workflow relies on a key that the server ignores",
    page: include_str!("../../../../../docs/explain/GW011.md"),
    check: Check::File(check),
};

/// The keys with the first version that knows them, and what to do instead.
const KEYS: [(&str, (u16, u16), &str); 5] = [
    ("concurrency", (1, 26), "do not rely on it: several runs of one branch may be active at a time"),
    ("permissions", (1, 26), "do not rely on it: the job's token may do what the server allows"),
    ("timeout-minutes", (1, 27), "give the script a deadline of its own, such as `timeout 20m …`"),
    ("environment", (1, 26), "do not rely on it: nobody has to approve, and its secrets are not there"),
    ("run-name", (1, 26), "do not rely on it: the run has the title of the commit"),
];

fn check(scope: &mut FileScope<'_>) {
    let jobs = scope.workflow.jobs();
    let bodies: Vec<&Node> = std::iter::once(scope.workflow.root())
        .chain(jobs.iter().map(|job| job.body))
        .chain(jobs.iter().flat_map(|job| job.steps()).map(|step| step.body))
        .collect();
    for (key, (major, minor), help) in KEYS {
        if scope.server.is_from(major, minor) {
            continue;
        }
        for body in &bodies {
            // a step may have any of these names as an input, but not as a key of its own
            if let Some(entry) = body.entry(key) {
                scope.warning(&entry.key.span, format!("`{key}` has no effect before {major}.{minor}"), help);
            }
        }
    }
    let mut calls: Vec<Span> = vec![];
    scope.workflow.root().each_scalar(&mut |node, scalar| {
        if scalar.text.contains("hashFiles(") && scalar.text.contains("${{") {
            calls.push(node.span.clone());
        }
    });
    for span in calls {
        let at = span.start + scope.slice(&span).find("hashFiles(").unwrap_or_default();
        let message = "`hashFiles()` is always empty";
        scope.warning(&(at..at + "hashFiles".len()), message, "build the key from something else");
    }
}
