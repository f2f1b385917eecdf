//! Filters of events: whether an occurrence starts a workflow.

use super::glob::selects;
use crate::lint::workflow::Trigger;

/// Something that happens in a repository. What is not given counts as something that every filter lets through.
#[derive(Debug, Clone, Copy, Default)]
pub struct Occurrence<'a> {
    /// The event, such as `pull_request`.
    pub event: &'a str,
    /// The activity, such as `opened` or `synchronize`.
    pub action: Option<&'a str>,
    /// The branch that was pushed, or that the pull request goes to.
    pub branch: Option<&'a str>,
    /// The files that were changed.
    pub changed: Option<&'a [&'a str]>,
}

impl<'a> Occurrence<'a> {
    /// Returns an occurrence of an event that every filter lets through.
    pub fn of(event: &'a str) -> Self {
        Self { event, ..Self::default() }
    }

    /// Returns whether the filters of a trigger let the occurrence through.
    pub(super) fn starts(&self, trigger: &Trigger<'_>) -> bool {
        self.has_type(trigger) && self.is_on_branch(trigger) && self.changes_paths(trigger)
    }

    fn has_type(&self, trigger: &Trigger<'_>) -> bool {
        let Some(action) = self.action else { return true };
        match trigger.patterns("types") {
            Some(types) => types.contains(&action),
            None => !self.event.starts_with("pull_request") || DEFAULT_TYPES.contains(&action),
        }
    }

    fn is_on_branch(&self, trigger: &Trigger<'_>) -> bool {
        let Some(branch) = self.branch else { return true };
        trigger.patterns("branches").is_none_or(|patterns| selects(&patterns, branch))
            && trigger.patterns("branches-ignore").is_none_or(|patterns| !selects(&patterns, branch))
    }

    fn changes_paths(&self, trigger: &Trigger<'_>) -> bool {
        let Some(changed) = self.changed else { return true };
        let some = |patterns: Vec<&str>| changed.iter().any(|file| selects(&patterns, file));
        let all = |patterns: Vec<&str>| changed.iter().all(|file| selects(&patterns, file));
        trigger.patterns("paths").is_none_or(some) && !trigger.patterns("paths-ignore").is_some_and(all)
    }
}

/// The activities of a pull request that start a workflow without `types`.
const DEFAULT_TYPES: [&str; 3] = ["opened", "synchronize", "reopened"];
