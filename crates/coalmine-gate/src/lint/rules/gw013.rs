//! GW013: runners.

use std::sync::LazyLock;

use regex::Regex;

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    script,
    workflow::Job,
    yaml::Span,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW013",
    severity: Severity::Error,
    applies: Applies::GITEA,
    evidence: Evidence::Read,
    sentence: "`runs-on` is more than Gitea understands, or says nothing about the container engine that the job uses",
    page: include_str!("../../../../../docs/explain/GW013.md"),
    check: Check::File(check),
};

static ENGINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)(?:^|[;&|(]|\bsudo|\bthen|\bdo)[ \t]*((?:docker|podman)[ \t]+(?:build|buildx|run|compose|pull|push|exec|cp|create|start|login|load|save|image|network|ps)\b|docker-compose\b)")
        .ok()
});

fn check(scope: &mut FileScope<'_>) {
    for job in scope.workflow.jobs() {
        let Some(entry) = job.body.entry("runs-on") else { continue };
        if entry.value.is_map() {
            let message = "`runs-on` is a map, which Gitea does not understand: the job waits for ever";
            scope.error(&entry.key.span, message, "write one label");
        } else if job.labels().len() > 1 {
            let message = "`runs-on` has several labels, which Gitea does not promise to understand";
            scope.warning(&entry.key.span, message, "give the runner one label that says all of it");
        }
        if says_nothing(&job)
            && let Some(command) = engine(scope, &job)
        {
            let words = scope.slice(&command);
            let message = format!(
                "`{words}` needs a container engine, and `{}` does not promise one",
                job.labels().join(", ")
            );
            scope.error(
                &command,
                message,
                "pin the job to a runner whose label says that it has an engine, such as `docker-host`",
            );
        }
    }
}

/// Returns whether all labels are names of GitHub's hosted runners. On Gitea they stand for whatever image the runner maps them to.
fn says_nothing(job: &Job<'_>) -> bool {
    let hosted = |label: &&str| ["ubuntu-", "windows-", "macos-"].iter().any(|name| label.starts_with(name));
    let labels = job.labels();
    !labels.is_empty() && labels.iter().all(hosted)
}

/// Returns the first use of a container engine.
fn engine(scope: &FileScope<'_>, job: &Job<'_>) -> Option<Span> {
    let pattern = ENGINE.as_ref()?;
    job.steps()
        .iter()
        .filter_map(|step| step.run())
        .find_map(|run| script::matches(scope.text, &run.span, pattern).into_iter().next())
}
