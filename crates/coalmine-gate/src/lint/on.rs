//! Triggers of the wrong kind: the server reads `on` into fixed structures, and ignores the file if something does not fit.

use std::collections::HashSet;

use super::{
    Version,
    refusal::{Refusal, Refused},
    workflow::Workflow,
    yaml::{Entry, Kind, Node, Span, Value, short_fraction},
};

/// Returns the places of `on` that a Gitea of a version refuses, except the maps and single values that its rule measured.
pub(super) fn errors(workflow: &Workflow, version: Version) -> Vec<Refusal> {
    let Some(on) = workflow.root().get("on") else {
        let message = "the file is ignored: nothing in it says when it starts";
        let place = workflow.root().entry("on").map_or_else(|| workflow.start(), |on| on.key.span.clone());
        return vec![refusal(&place, message.to_owned())];
    };
    let mut all = vec![];
    for item in on.items().iter().filter(|item| !is_text(item)) {
        all.push(refusal(
            &item.span,
            "the file is ignored: an entry of the list `on` is not a name".to_owned(),
        ));
    }
    aliases(workflow, on, version, &mut all);
    let has_others = on.entries().len() > 1;
    for entry in on.entries() {
        let event = entry.key.text().unwrap_or_default();
        // a workflow that is only called starts on nothing
        if event != "workflow_call" || has_others {
            of_event(event, entry, version, &mut all);
        }
    }
    all
}

/// Reports aliases. No parser resolves one that stands for all of `on` or for the name of an event; the newer one resolves them
/// only as entries of a list.
fn aliases(workflow: &Workflow, on: &Node, version: Version, all: &mut Vec<Refusal>) {
    let filters = on.entries().iter().flat_map(|event| event.value.entries());
    let items = filters.flat_map(|filter| filter.value.items()).chain(on.items());
    let entries: HashSet<usize> = items.map(|item| item.span.start).collect();
    let names: HashSet<usize> = on.entries().iter().map(|event| event.key.span.start).collect();
    for alias in workflow.aliases() {
        let is_never_read = alias.start == on.span.start || names.contains(&alias.start);
        let is_new = on.span.contains(&alias.start) && !entries.contains(&alias.start) && !is_old(version);
        if is_never_read || is_new {
            all.push(refusal(alias, "the file is ignored: an alias stands under `on`".to_owned()));
        }
    }
}

fn of_event(event: &str, entry: &Entry, version: Version, all: &mut Vec<Refusal>) {
    let value = &entry.value;
    match &value.value {
        Value::Scalar(_) if !value.is_null() && !is_text(value) && is_old(version) => {
            all.push(refusal(&value.span, format!("the file is ignored: `on.{event}` is no map")));
        }
        Value::List(items) if event == "schedule" => {
            let fits =
                |item: &Node| item.is_map() && item.entries().iter().all(|entry| is_text(&entry.value));
            for item in items.iter().filter(|item| !fits(item)) {
                all.push(refusal(
                    &item.span,
                    "the file is ignored: an entry of `on.schedule` is no map of texts".to_owned(),
                ));
            }
        }
        Value::List(_) if is_old(version) => {
            all.push(refusal(
                &entry.key.span,
                format!("the file is ignored: `on.{event}` is a list, not a map"),
            ));
        }
        Value::Map(filters) => filters.iter().for_each(|filter| of_filter(event, filter, version, all)),
        _ => {}
    }
}

fn of_filter(event: &str, filter: &Entry, version: Version, all: &mut Vec<Refusal>) {
    let (key, value) = (filter.key.text().unwrap_or_default(), &filter.value);
    let name = format!("`{key}` under `on.{event}`");
    match &value.value {
        Value::Scalar(_) if value.is_null() && version < Version::new(1, 24, 0) => {
            all.push(refusal(&filter.key.span, format!("the file is ignored: {name} has no value")));
        }
        Value::Scalar(_) if !value.is_null() && !is_text(value) && is_old(version) => {
            all.push(refusal(&value.span, format!("the file is ignored: {name} is no text")));
        }
        Value::List(items) => {
            let fits = |item: &Node| if is_old(version) { is_text(item) } else { item.scalar().is_some() };
            for item in items.iter().filter(|item| !fits(item)) {
                all.push(refusal(
                    &item.span,
                    format!("the file is ignored: this entry of {name} is no text"),
                ));
            }
        }
        Value::Map(inputs) if event == "workflow_dispatch" && key == "inputs" && !is_old(version) => {
            for input in inputs.iter().filter(|input| !is_input(&input.value)) {
                let input_name = input.key.text().unwrap_or_default();
                let message =
                    format!("the file is ignored: the input `{input_name}` does not have the right shape");
                all.push(refusal(&input.key.span, message));
            }
        }
        Value::Map(_) if event != "workflow_call" && !(event == "workflow_dispatch" && is_old(version)) => {
            all.push(refusal(&filter.key.span, format!("the file is ignored: {name} is a map")));
        }
        _ => {}
    }
}

/// Returns whether the values of an input are of the right kinds.
fn is_input(input: &Node) -> bool {
    let is_single = |key: &&str| input.get(key).is_none_or(|value| value.scalar().is_some());
    let texts = ["description", "default", "type", "required"];
    let options = input.get("options").is_none_or(|options| {
        options.is_list() && options.items().iter().all(|option| option.scalar().is_some())
    });
    input.is_map() && texts.iter().all(is_single) && options
}

/// Returns whether the parser is the one that takes nothing but texts.
fn is_old(version: Version) -> bool {
    version < Version::new(1, 23, 0)
}

/// Returns whether a value is a text for certain: a number, a boolean and nothing are none.
fn is_text(value: &Node) -> bool {
    value.scalar().is_some_and(|scalar| match scalar.kind() {
        Kind::Text => true,
        Kind::Null | Kind::Bool | Kind::Int => false,
        Kind::Other => short_fraction(&scalar.text).is_none(),
    })
}

fn refusal(span: &Span, message: String) -> Refusal {
    Refusal { what: Refused::Trigger, span: span.clone(), message }
}
