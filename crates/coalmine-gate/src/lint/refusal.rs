//! Why a server ignores a file: it logs that it could not read it, and nothing is run or posted.

use std::collections::HashSet;

use super::{
    Server, Version, kinds, on,
    workflow::{Trigger, Workflow},
    yaml::{Dispute, Kind, Node, Span},
};

/// What a refusal is about, which is the rule that reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// A filter or an input of a trigger.
    Trigger,
    /// `continue-on-error` of a step.
    ContinueOnError,
    /// A key that occurs twice, or a value of the wrong kind.
    Shape,
    /// Something that the server takes, and that ends the process of the runner.
    Runner,
    /// Something that the server's parser does not always refuse.
    Doubt,
}

/// A reason for which a Gitea server ignores a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) what: Refused,
    pub(super) span: Span,
    pub(super) message: String,
}

/// Returns the reasons for which a server ignores a workflow.
pub(super) fn refusals(workflow: &Workflow, server: Server) -> Vec<Refusal> {
    let mut all = super::shape::errors(workflow);
    all.extend(super::duplicates::errors(workflow, server));
    let Server::Gitea(version) = server else { return all };
    all.extend(workflow.disputed().iter().map(|(span, dispute)| Refusal {
        what: if matches!(dispute, Dispute::Tab | Dispute::Break) { Refused::Doubt } else { Refused::Shape },
        span: span.clone(),
        message: disputed(*dispute).to_owned(),
    }));
    let known: HashSet<usize> = all.iter().map(|refusal| refusal.span.start).collect();
    all.extend(kinds::errors(workflow).into_iter().filter(|refusal| !known.contains(&refusal.span.start)));
    all.extend(on::errors(workflow, version));
    let triggers = workflow.triggers();
    for trigger in &triggers {
        all.extend(of_trigger(trigger, triggers.len() > 1, version));
    }
    for step in workflow.jobs().iter().flat_map(|job| job.steps()) {
        all.extend(step.continue_on_error().filter(|entry| !is_boolean(&entry.value)).map(|entry| Refusal {
            what: Refused::ContinueOnError,
            span: entry.value.span.clone(),
            message:
                "the file is ignored: `continue-on-error` of a step has to be `true` or `false`".to_owned(),
        }));
    }
    all
}

fn disputed(dispute: Dispute) -> &'static str {
    match dispute {
        Dispute::Tab => "a tab indents this line, which the server's parser does not always accept",
        Dispute::Control => "the file is ignored: YAML does not allow this character",
        Dispute::Directive => {
            "the file is ignored: the server's parser knows no directive but `%YAML 1.1` and `%TAG`"
        }
        Dispute::Key => "the file is ignored: a key is no text",
        Dispute::Tag => "the file is ignored: a tag gives this value a type that nothing expects",
        Dispute::Break => {
            "the server takes this sign for a line break, so it reads another file than people see"
        }
    }
}

/// Returns whether a server ignores a workflow.
pub(super) fn is_ignored(workflow: &Workflow, server: Server) -> bool {
    refusals(workflow, server).iter().any(|refusal| !matches!(refusal.what, Refused::Runner | Refused::Doubt))
}

fn of_trigger(trigger: &Trigger<'_>, beside_others: bool, version: Version) -> Vec<Refusal> {
    let event = trigger.event;
    let entries = trigger.filters.map(Node::entries).unwrap_or_default();
    let mut all = vec![];
    for entry in entries {
        let (key, value) = (entry.key.text().unwrap_or_default(), &entry.value);
        let dispatch = event == "workflow_dispatch" && version < Version::new(1, 23, 0);
        let call = event == "workflow_call" && beside_others && version < Version::new(1, 26, 3);
        let scalar =
            value.scalar().is_some() && !value.is_null() && version.minor == 23 && version.major == 1;
        let message = if value.is_map() && (dispatch || call) {
            format!("the file is ignored: `{key}` under `on.{event}` is a map")
        } else if scalar {
            format!("the file is ignored: `{key}` under `on.{event}` is a single value, not a list")
        } else {
            continue;
        };
        all.push(Refusal { what: Refused::Trigger, span: entry.key.span.clone(), message });
    }
    all
}

/// Returns whether a scalar is a boolean where the parser expects one, which includes the words of YAML 1.1.
pub(super) fn is_boolean(value: &Node) -> bool {
    let Some(scalar) = value.scalar() else { return false };
    let old = ["yes", "no", "on", "off", "y", "n"];
    scalar.kind() == Kind::Bool
        || (scalar.style == super::yaml::Style::Plain
            && old.contains(&scalar.text.to_ascii_lowercase().as_str()))
}
