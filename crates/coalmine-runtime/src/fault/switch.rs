//! The switch: at most one fault is on.

use super::Fault;

/// Carried to every seam, and asked there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults(Option<Fault>);

impl Faults {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self(fault)
    }

    /// The fault that is on, if any.
    pub(crate) fn on(self) -> Option<Fault> {
        self.0
    }

    /// Whether this fault is the one that is on.
    pub(crate) fn is(self, fault: Fault) -> bool {
        self.0 == Some(fault)
    }
}
