//! A workflow as the rules see it: views of the YAML that keep every place.

mod job;
mod step;
mod trigger;

pub use job::Job;
pub use step::Step;
pub use trigger::Trigger;

use super::yaml::{Dispute, Document, Node, Span, YamlError, read};

/// A workflow file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    document: Document,
}

/// The reason why a text is not a workflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkflowError {
    /// The text is not YAML, although it looks like a workflow.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// The text is something else.
    #[error("the file is no workflow: expected a map with `on` and `jobs`")]
    NotAWorkflow,
}

impl Workflow {
    /// Reads a workflow.
    ///
    /// # Errors
    /// Fails if the text is not YAML, exceeds the bounds of [`read`](super::yaml::read()), or has neither `on` nor `jobs`.
    pub fn read(text: &str) -> Result<Self, WorkflowError> {
        let document = match read(text) {
            Ok(document) => document,
            Err(error) if looks_like_a_workflow(text) => return Err(error.into()),
            Err(_) => return Err(WorkflowError::NotAWorkflow),
        };
        let has = |key: &str| document.root.entry(key).is_some();
        if has("jobs") || has("on") { Ok(Self { document }) } else { Err(WorkflowError::NotAWorkflow) }
    }

    /// Returns the outermost map.
    pub fn root(&self) -> &Node {
        &self.document.root
    }

    /// Returns the places of keys that their map has already.
    pub fn duplicates(&self) -> &[Span] {
        &self.document.duplicates
    }

    /// Returns what Gitea's parser refuses or reads otherwise, and where.
    pub fn disputed(&self) -> &[(Span, Dispute)] {
        &self.document.disputed
    }

    /// Returns the places of aliases.
    pub fn aliases(&self) -> &[Span] {
        &self.document.aliases
    }

    /// Returns the name, unless it is absent or blank.
    pub fn name(&self) -> Option<&Node> {
        self.root().get("name").filter(|name| name.text().is_some_and(|name| !name.trim().is_empty()))
    }

    /// Returns the events that start the workflow.
    pub fn triggers(&self) -> Vec<Trigger<'_>> {
        trigger::of(self.root())
    }

    /// Returns the trigger for an event.
    pub fn trigger(&self, event: &str) -> Option<Trigger<'_>> {
        self.triggers().into_iter().find(|trigger| trigger.event == event)
    }

    /// Returns the jobs in the order of the file.
    pub fn jobs(&self) -> Vec<Job<'_>> {
        let entries = self.root().get("jobs").map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(Job::of).collect()
    }

    /// Returns a short place for what concerns the whole file: its first key.
    pub fn start(&self) -> Span {
        self.root().entries().first().map_or(0..0, |entry| entry.key.span.clone())
    }
}

fn looks_like_a_workflow(text: &str) -> bool {
    let is_key = |line: &str, key: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
    };
    let has = |key: &str| text.lines().any(|line| is_key(line, key));
    has("jobs") || has("on")
}
