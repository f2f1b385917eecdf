//! Values of the wrong kind: the server reads the file into fixed structures, and refuses all of it if one value does not fit.

use super::{
    refusal::{Refusal, Refused},
    workflow::{Step, Workflow},
    yaml::{Node, Span},
};

/// Returns the places where the file does not have the shape of a workflow.
pub(super) fn errors(workflow: &Workflow) -> Vec<Refusal> {
    let mut all = vec![];
    let root = workflow.root();
    for key in ["name", "run-name"] {
        scalar(root, key, &mut all);
    }
    for key in ["jobs", "env"] {
        map(root, key, &mut all);
    }
    for job in workflow.jobs() {
        if !job.body.is_map() {
            all.push(refusal(job.place, format!("the file is ignored: the job `{}` is not a map", job.key)));
        }
        scalar(job.body, "name", &mut all);
        environment(job.body, &mut all);
        if let Some(steps) = job.body.get("steps")
            && !steps.is_list()
            && !is_expression(steps)
        {
            all.push(refusal(
                &key_of(job.body, "steps"),
                "the file is ignored: `steps` is not a list".to_owned(),
            ));
        }
        let items = job.body.get("steps").map(Node::items).unwrap_or_default();
        for item in items.iter().filter(|item| !item.is_map() && !item.is_null()) {
            all.push(refusal(&item.span, "the file is ignored: this step is not a map".to_owned()));
        }
        for step in job.steps() {
            of_step(step, &mut all);
        }
    }
    all
}

fn of_step(step: Step<'_>, all: &mut Vec<Refusal>) {
    for key in ["id", "name", "uses", "run", "shell", "working-directory"] {
        scalar(step.body, key, all);
    }
    environment(step.body, all);
    map(step.body, "with", all);
    for key in ["env", "with"] {
        let inputs = step.body.get(key).map(Node::entries).unwrap_or_default();
        for entry in inputs.iter().filter(|entry| entry.value.scalar().is_none()) {
            let name = entry.key.text().unwrap_or_default();
            let message = format!("the file is ignored: `{name}` under `{key}` is not a single value");
            all.push(refusal(&entry.key.span, message));
        }
    }
}

fn scalar(body: &Node, key: &str, all: &mut Vec<Refusal>) {
    if body.get(key).is_some_and(|value| value.scalar().is_none()) {
        all.push(refusal(&key_of(body, key), format!("the file is ignored: `{key}` is not a single value")));
    }
}

fn map(body: &Node, key: &str, all: &mut Vec<Refusal>) {
    if body.get(key).is_some_and(|value| !value.is_map() && !is_expression(value)) {
        all.push(refusal(&key_of(body, key), format!("the file is ignored: `{key}` is not a map")));
    }
}

/// Reports an environment that is a list. The server takes it, and the runner ends.
fn environment(body: &Node, all: &mut Vec<Refusal>) {
    if body.get("env").is_some_and(Node::is_list) {
        let message = "the runner stops at this file: `env` is a list, not a map".to_owned();
        all.push(Refusal { what: Refused::Runner, span: key_of(body, "env"), message });
    }
}

fn is_expression(value: &Node) -> bool {
    value.text().is_some_and(|text| text.trim_start().starts_with("${{"))
}

fn key_of(body: &Node, key: &str) -> Span {
    body.entry(key).map(|entry| entry.key.span.clone()).unwrap_or_default()
}

fn refusal(span: &Span, message: String) -> Refusal {
    Refusal { what: Refused::Shape, span: span.clone(), message }
}
