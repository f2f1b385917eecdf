//! What starts a workflow.

use crate::lint::yaml::{Node, Span};

/// An event that starts a workflow, with its filters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trigger<'a> {
    /// The name of the event.
    pub event: &'a str,
    /// Where the name stands.
    pub place: &'a Node,
    /// The filters, unless there are none.
    pub filters: Option<&'a Node>,
}

/// Returns the triggers of a workflow: `on` is a scalar, a list or a map.
pub(super) fn of(root: &Node) -> Vec<Trigger<'_>> {
    let Some(on) = root.get("on") else { return vec![] };
    let bare = |place| Node::text(place).map(|event| Trigger { event, place, filters: None });
    if on.is_map() {
        on.entries()
            .iter()
            .filter_map(|entry| {
                let filters = (!entry.value.is_null()).then_some(&entry.value);
                entry.key.text().map(|event| Trigger { event, place: &entry.key, filters })
            })
            .collect()
    } else {
        on.one_or_many().iter().filter_map(bare).collect()
    }
}

impl<'a> Trigger<'a> {
    /// Returns the key of a filter and its value.
    pub fn filter(&self, name: &str) -> Option<(&'a Span, &'a Node)> {
        let entry = self.filters?.entry(name)?;
        (!entry.value.is_null()).then_some((&entry.key.span, &entry.value))
    }

    /// Returns the entries of a filter, which is a scalar or a list.
    pub fn patterns(&self, name: &str) -> Option<Vec<&'a str>> {
        let (_, value) = self.filter(name)?;
        Some(value.one_or_many().iter().filter_map(Node::text).collect())
    }
}
