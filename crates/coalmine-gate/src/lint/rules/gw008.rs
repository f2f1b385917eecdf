//! GW008: names that make a context hard or impossible to require.

use super::Rule;
use crate::lint::{
    Severity,
    context::of_job,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    workflow::Job,
    yaml::Node,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW008",
    severity: Severity::Error,
    applies: Applies::GITEA,
    evidence: Evidence::Measured,
    sentence: "a name gives a context that a branch protection cannot match, or easily matches wrongly",
    page: include_str!("../../../../../docs/explain/GW008.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    let jobs = scope.required_jobs();
    if jobs.is_empty() {
        return;
    }
    if let Some(name) = scope.workflow.name() {
        let text = name.text().unwrap_or_default();
        if text.contains("${{") {
            let message = "an expression in the name of a workflow is posted as it is written";
            scope.error(&name.span, message, "use plain words");
        } else {
            signs(scope, name, text);
        }
    }
    let events = scope.events();
    for job in jobs {
        let Some(name) = job.name() else { continue };
        let text = name.text().unwrap_or_default();
        if text.contains("${{") {
            expression(scope, name, &job, &events);
        } else {
            signs(scope, name, text);
        }
    }
}

fn expression(scope: &mut FileScope<'_>, name: &Node, job: &Job<'_>, events: &[&str]) {
    let help = "use plain words; a matrix adds its values by itself";
    let unknown =
        |event: &&str| !of_job(scope.workflow, scope.path, job, event, scope.server).unknown.is_empty();
    if scope.server.is_before(1, 23) {
        scope.error(
            &name.span,
            "an expression in the name of a job is posted as it is written before 1.23",
            help,
        );
    } else if events.iter().any(unknown) {
        scope.error(
            &name.span,
            "the server computes the name of the job, so no context can be required for it",
            help,
        );
    }
}

fn signs(scope: &mut FileScope<'_>, name: &Node, text: &str) {
    let help = "use letters, digits, `-`, `_`, `.` and single blanks";
    if text.len() > MAX_NAME {
        scope.error(
            &name.span,
            format!("the name has {} bytes: some databases cut it at {MAX_NAME}", text.len()),
            help,
        );
    } else if text.trim() != text || text.contains(['\n', '\r', '\t']) {
        scope.error(&name.span, "the name begins or ends with a blank, or has a line break", help);
    } else if let Some(sign) = text.chars().find(|sign| "*?[]{}\\".contains(*sign)) {
        let message = format!(
            "the name has `{sign}`, which is a pattern in the required contexts of a branch protection"
        );
        scope.error(&name.span, message, help);
    } else if let Some(sign) = text.chars().find(|sign| "/(".contains(*sign)) {
        let message = format!("the name has `{sign}`, which also separates the parts of a context");
        scope.warning(&name.span, message, help);
    }
}

const MAX_NAME: usize = 255;
