//! Values of the wrong kind that only Gitea refuses: its structures are fixed where other forges allow an expression, or look later.

use super::{
    refusal::{Refusal, Refused},
    workflow::{Job, Workflow},
    yaml::{Node, Span},
};

/// What a value has to be. Nothing is always allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Single,
    List,
    Map,
    /// A map whose values are single ones.
    Singles,
}

const ROOT: [(&str, Wanted); 2] = [("env", Wanted::Singles), ("defaults", Wanted::Map)];
const JOB: [(&str, Wanted); 8] = [
    ("steps", Wanted::List),
    ("timeout-minutes", Wanted::Single),
    ("services", Wanted::Map),
    ("strategy", Wanted::Map),
    ("defaults", Wanted::Map),
    ("outputs", Wanted::Singles),
    ("uses", Wanted::Single),
    ("with", Wanted::Map),
];
const STEP: [(&str, Wanted); 2] = [("with", Wanted::Map), ("timeout-minutes", Wanted::Single)];
const SERVICE: [(&str, Wanted); 6] = [
    ("image", Wanted::Single),
    ("env", Wanted::Singles),
    ("ports", Wanted::List),
    ("volumes", Wanted::List),
    ("options", Wanted::Single),
    ("credentials", Wanted::Singles),
];

/// Returns the places that a Gitea refuses, whatever its version.
pub(super) fn errors(workflow: &Workflow) -> Vec<Refusal> {
    let mut all = vec![];
    let root = workflow.root();
    compare(root, &ROOT, &mut all);
    defaults(root, &mut all);
    for job in workflow.jobs() {
        compare(job.body, &JOB, &mut all);
        defaults(job.body, &mut all);
        for service in job.body.get("services").map(Node::entries).unwrap_or_default() {
            if service.value.is_map() {
                compare(&service.value, &SERVICE, &mut all);
            } else if !service.value.is_null() {
                wrong(&service.key.span, service.key.text(), "a map", &mut all);
            }
        }
        if let Some(strategy) = job.body.get("strategy") {
            let single = [("fail-fast", Wanted::Single), ("max-parallel", Wanted::Single)];
            compare(strategy, &single, &mut all);
        }
        for step in job.steps() {
            compare(step.body, &STEP, &mut all);
        }
        matrix(&job, &mut all);
    }
    all
}

fn compare(body: &Node, table: &[(&str, Wanted)], all: &mut Vec<Refusal>) {
    for (key, wanted) in table {
        let Some(entry) = body.entry(key).filter(|entry| !entry.value.is_null()) else { continue };
        let (value, is_map) = (&entry.value, entry.value.is_map());
        match wanted {
            Wanted::Single if value.scalar().is_none() => {
                wrong(&entry.key.span, Some(key), "a single value", all);
            }
            Wanted::List if !value.is_list() => wrong(&entry.key.span, Some(key), "a list", all),
            Wanted::Map | Wanted::Singles if !is_map => wrong(&entry.key.span, Some(key), "a map", all),
            Wanted::Singles => {
                for inner in value.entries().iter().filter(|inner| inner.value.scalar().is_none()) {
                    wrong(&inner.key.span, inner.key.text(), "a single value", all);
                }
            }
            _ => {}
        }
    }
}

fn defaults(body: &Node, all: &mut Vec<Refusal>) {
    let Some(defaults) = body.get("defaults") else { return };
    compare(defaults, &[("run", Wanted::Map)], all);
    if let Some(run) = defaults.get("run") {
        compare(run, &[("shell", Wanted::Single), ("working-directory", Wanted::Single)], all);
    }
}

/// Reports what `exclude` says about keys that the matrix does not have. A matrix with an axis that is not a list does not count.
fn matrix(job: &Job<'_>, all: &mut Vec<Refusal>) {
    let Some(matrix) = job.matrix() else { return };
    if matrix.entries().iter().any(|entry| !entry.value.is_list() && !entry.value.is_null()) {
        return;
    }
    for key in ["include", "exclude"] {
        for item in matrix.get(key).map(Node::items).unwrap_or_default() {
            if item.scalar().is_some() || (key == "exclude" && !item.is_map()) {
                wrong(&item.span, Some(key), "a list of maps", all);
            }
        }
    }
    for entry in matrix.get("exclude").map(Node::items).unwrap_or_default().iter().flat_map(Node::entries) {
        let Some(key) = entry.key.text() else { continue };
        if key == "include" || matrix.entry(key).is_none() {
            let message =
                format!("the file is ignored: `exclude` names `{key}`, which the matrix does not have");
            all.push(Refusal { what: Refused::Shape, span: entry.key.span.clone(), message });
        }
    }
}

fn wrong(span: &Span, key: Option<&str>, wanted: &str, all: &mut Vec<Refusal>) {
    let key = key.unwrap_or_default();
    let message = format!("the file is ignored: `{key}` is not {wanted}");
    all.push(Refusal { what: Refused::Shape, span: span.clone(), message });
}
