//! Keys that a map has already. GitHub refuses them everywhere; Gitea reads some maps late, or never.
//!
//! What is said here was tried with the parsers of Gitea 1.22 and 1.23.

use super::{
    Server, Version,
    refusal::{Refusal, Refused},
    workflow::Workflow,
    yaml::{Entry, Node, Span},
};

/// The keys that the server reads at once, with everything below them.
const ROOT: [&str; 5] = ["name", "on", "env", "jobs", "defaults"];
/// Those of a job. `runs-on` is read somewhat later, and ends the reading all the same.
const JOB: [&str; 9] =
    ["name", "runs-on", "timeout-minutes", "services", "strategy", "defaults", "outputs", "uses", "with"];
/// Those of a step.
const STEP: [&str; 9] = [
    "id",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "continue-on-error",
    "timeout-minutes",
];
/// The triggers whose maps are read into fixed structures.
const FIXED: [&str; 3] = ["schedule", "workflow_call", "workflow_dispatch"];

/// Returns the refusals for keys that occur twice.
pub(super) fn errors(workflow: &Workflow, server: Server) -> Vec<Refusal> {
    let of = |span: &Span| match server {
        Server::Gitea(version) => of_gitea(workflow, span, version),
        _ => Some(Refused::Shape),
    };
    let refusal = |span: &Span| {
        let what = of(span)?;
        let outcome =
            if what == Refused::Runner { "the runner cannot read this map" } else { "the file is ignored" };
        let message = format!("{outcome}: the map has this key already");
        Some(Refusal { what, span: span.clone(), message })
    };
    workflow.duplicates().iter().filter_map(refusal).collect()
}

fn of_gitea(workflow: &Workflow, span: &Span, version: Version) -> Option<Refused> {
    // a map may be read where an alias stands for it
    if !workflow.aliases().is_empty() {
        return Some(Refused::Shape);
    }
    let Some(entry) = holder(workflow.root(), span) else { return Some(Refused::Shape) };
    match entry.key.text().unwrap_or_default() {
        "on" => of_trigger(&entry.value, span, version),
        "jobs" => match holder(&entry.value, span) {
            Some(job) => of_job(&job.value, span),
            None => Some(Refused::Shape),
        },
        key => ROOT.contains(&key).then_some(Refused::Shape),
    }
}

fn of_trigger(on: &Node, span: &Span, version: Version) -> Option<Refused> {
    // events may stand there twice
    let event = holder(on, span)?;
    let is_fixed = event.key.text().is_some_and(|event| FIXED.contains(&event));
    (is_fixed || version < Version::new(1, 23, 0)).then_some(Refused::Shape)
}

fn of_job(job: &Node, span: &Span) -> Option<Refused> {
    let Some(entry) = holder(job, span) else { return Some(Refused::Shape) };
    let of_step = |step: &Node| match holder(step, span).and_then(|entry| entry.key.text()) {
        Some("env") => Some(Refused::Runner),
        Some(key) => STEP.contains(&key).then_some(Refused::Shape),
        None => Some(Refused::Shape),
    };
    match entry.key.text().unwrap_or_default() {
        "env" | "container" => Some(Refused::Runner),
        "steps" => {
            let step = entry.value.items().iter().find(|step| holds(&step.span, span));
            step.map_or(Some(Refused::Shape), of_step)
        }
        key => JOB.contains(&key).then_some(Refused::Shape),
    }
}

/// Returns the entry of a map whose value holds a place.
fn holder<'a>(map: &'a Node, span: &Span) -> Option<&'a Entry> {
    map.entries().iter().find(|entry| holds(&entry.value.span, span))
}

fn holds(outer: &Span, inner: &Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
