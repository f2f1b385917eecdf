//! GW006: `continue-on-error` in a required job.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    workflow::Job,
    yaml::Node,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW006",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Measured,
    sentence: "`continue-on-error` lets a required job be green although something in it failed",
    page: include_str!("../../../../../docs/explain/GW006.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    for job in scope.required_jobs() {
        if let Some(entry) = job.body.entry("continue-on-error")
            && may_continue(&entry.value)
        {
            let message =
                format!("`continue-on-error` of the required job `{}` does not do what it says", job.key);
            let help = if scope.server.is_gitea() {
                "remove it: Gitea 1.22 and 1.23 posted the job as failed all the same"
            } else {
                "remove it: the run is green although the job is not"
            };
            scope.warning(&entry.key.span, message, help);
        }
        let read = outcomes(&job);
        for step in job.steps() {
            if let Some(entry) = step.continue_on_error()
                && may_continue(&entry.value)
                && !step.id().is_some_and(|id| read.contains(id))
            {
                let message = format!("the required job `{}` is green although this step fails", job.key);
                let help = "remove `continue-on-error`, or give the step an `id` and fail later by `steps.<id>.outcome`";
                scope.error(&entry.key.span, message, help);
            }
        }
    }
}

fn may_continue(value: &Node) -> bool {
    value
        .text()
        .is_some_and(|text| !["false", "no", "off", "n"].contains(&text.to_ascii_lowercase().as_str()))
}

static OUTCOME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"steps(?:\.|\[')([A-Za-z0-9_-]+)(?:'\])?\.outcome").ok());

/// Returns the ids of the steps whose outcome the job looks at.
fn outcomes(job: &Job<'_>) -> HashSet<String> {
    let mut ids = HashSet::new();
    let Some(pattern) = OUTCOME.as_ref() else { return ids };
    job.body.each_scalar(&mut |_, scalar| {
        if scalar.text.contains(".outcome") {
            ids.extend(pattern.captures_iter(&scalar.text).map(|captures| captures[1].to_owned()));
        }
    });
    ids
}
