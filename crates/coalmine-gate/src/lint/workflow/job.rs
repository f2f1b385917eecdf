//! A job of a workflow.

use super::Step;
use crate::lint::yaml::{Entry, Node, Span};

/// A job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Job<'a> {
    /// The key, which is the name unless the job has one.
    pub key: &'a str,
    /// Where the key stands.
    pub place: &'a Span,
    /// What the job says.
    pub body: &'a Node,
}

impl<'a> Job<'a> {
    pub(super) fn of(entry: &'a Entry) -> Option<Self> {
        let key = entry.key.text()?;
        Some(Self { key, place: &entry.key.span, body: &entry.value })
    }

    /// Returns the name that the file gives, unless it is empty.
    pub fn name(&self) -> Option<&'a Node> {
        self.body.get("name").filter(|name| name.text().is_some_and(|name| !name.is_empty()))
    }

    /// Returns the key `needs` and the jobs that have to be finished first.
    pub fn needs(&self) -> Option<(&'a Span, Vec<&'a str>)> {
        let entry = self.body.entry("needs")?;
        let jobs: Vec<&str> = entry.value.one_or_many().iter().filter_map(Node::text).collect();
        (!jobs.is_empty()).then_some((&entry.key.span, jobs))
    }

    /// Returns the condition.
    pub fn condition(&self) -> Option<&'a Node> {
        self.body.get("if")
    }

    /// Returns the matrix.
    pub fn matrix(&self) -> Option<&'a Node> {
        self.body.get("strategy")?.get("matrix")
    }

    /// Returns the workflow that the job calls.
    pub fn uses(&self) -> Option<&'a Node> {
        self.body.get("uses")
    }

    /// Returns the labels of `runs-on`, if they are written as such.
    pub fn labels(&self) -> Vec<&'a str> {
        let labels = self.body.get("runs-on").map(Node::one_or_many).unwrap_or_default();
        labels.iter().filter_map(Node::text).collect()
    }

    /// Returns the steps.
    pub fn steps(&self) -> Vec<Step<'a>> {
        let steps = self.body.get("steps").map(Node::items).unwrap_or_default();
        steps.iter().filter(|step| step.is_map()).map(|body| Step { body }).collect()
    }
}
