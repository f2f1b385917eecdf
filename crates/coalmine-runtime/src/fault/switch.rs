//! The switch that turns at most one fault on.

use super::Fault;

/// The active fault, if any. Every place that a fault can break holds a copy and asks it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults(Option<Fault>);

impl Faults {
    pub(crate) fn new(active: Option<Fault>) -> Self {
        Self(active)
    }

    /// Returns the active fault.
    pub(crate) fn active(self) -> Option<Fault> {
        self.0
    }

    /// Returns whether this fault is active.
    pub(crate) fn is(self, fault: Fault) -> bool {
        self.0 == Some(fault)
    }
}
