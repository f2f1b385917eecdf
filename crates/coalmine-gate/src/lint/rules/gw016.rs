//! GW016: a pipe into `head` that fails the script.

use std::sync::LazyLock;

use regex::Regex;

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    script,
    workflow::{Job, Step},
    yaml::Node,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW016",
    severity: Severity::Warning,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Policy,
    sentence: "a pipe into `head` can fail a script that runs with `pipefail`",
    page: include_str!("../../../../../docs/explain/GW016.md"),
    check: Check::File(check),
};

static HEAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^[^#\n]*?[^|\n](\|[ \t]*head\b(?:[^|\n]|\|[^|\n])*)$").ok());

fn check(scope: &mut FileScope<'_>) {
    let Some(pattern) = HEAD.as_ref() else { return };
    for job in scope.workflow.jobs() {
        for step in job.steps() {
            let Some(run) = step.run() else { continue };
            if !has_pipefail(scope, &job, &step, run.text().unwrap_or_default()) {
                continue;
            }
            for place in script::matches(scope.text, &run.span, pattern) {
                let place = place.start..place.start + 1;
                let message = "`head` closes the pipe early, and under `pipefail` the script fails if the writer had more to say";
                scope.warning(
                    &place,
                    message,
                    "let the writer print less, use `sed -n 1,5p`, or add `|| true`",
                );
            }
        }
    }
}

/// Returns whether a script runs with `pipefail`: it says so, or its shell does. The shell of Gitea's runner does by default,
/// GitHub's only if the workflow names it.
fn has_pipefail(scope: &FileScope<'_>, job: &Job<'_>, step: &Step<'_>, script: &str) -> bool {
    let default = |body: &'_ Node| {
        body.get("defaults").and_then(|defaults| defaults.get("run")?.get("shell")?.text().map(str::to_owned))
    };
    let named = step
        .shell()
        .map(str::to_owned)
        .or_else(|| default(job.body))
        .or_else(|| default(scope.workflow.root()));
    let by_shell = match named.as_deref() {
        None => scope.server.is_gitea(),
        Some(shell) => shell == "bash" || shell.contains("pipefail"),
    };
    by_shell || script.contains("pipefail")
}
