//! A step of a job.

use crate::lint::yaml::{Entry, Node};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<'a> {
    /// What the step says.
    pub body: &'a Node,
}

impl<'a> Step<'a> {
    /// Returns the id.
    pub fn id(&self) -> Option<&'a str> {
        self.body.get("id")?.text()
    }

    /// Returns the script.
    pub fn run(&self) -> Option<&'a Node> {
        self.body.get("run").filter(|run| run.text().is_some())
    }

    /// Returns the action.
    pub fn uses(&self) -> Option<&'a Node> {
        self.body.get("uses").filter(|uses| uses.text().is_some())
    }

    /// Returns the shell that the step names.
    pub fn shell(&self) -> Option<&'a str> {
        self.body.get("shell")?.text()
    }

    /// Returns `continue-on-error`, key and value.
    pub fn continue_on_error(&self) -> Option<&'a Entry> {
        self.body.entry("continue-on-error").filter(|entry| !entry.value.is_null())
    }

    /// Returns an input of the action.
    pub fn input(&self, name: &str) -> Option<&'a Node> {
        self.body.get("with")?.get(name)
    }
}
