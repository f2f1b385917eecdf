//! Scripts, and what they contain.

use regex::Regex;

use super::{
    workflow::Workflow,
    yaml::{Node, Span},
};

/// Returns the scripts of all steps.
pub(super) fn scripts(workflow: &Workflow) -> Vec<&Node> {
    workflow.jobs().iter().flat_map(|job| job.steps()).filter_map(|step| step.run()).collect()
}

/// Returns where the first group of a pattern stands in a scalar, as it is written in the file.
pub(super) fn matches(text: &str, span: &Span, pattern: &Regex) -> Vec<Span> {
    let written = text.get(span.clone()).unwrap_or_default();
    pattern
        .captures_iter(written)
        .filter_map(|captures| captures.get(1))
        .map(|found| span.start + found.start()..span.start + found.end())
        .collect()
}
