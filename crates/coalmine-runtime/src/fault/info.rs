//! What is known about a fault, and how one is found by its name.

use super::{CATALOGUE, Fault};

/// A fault as it is written about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultInfo {
    /// The fault itself.
    pub fault: Fault,
    /// The name it is switched on with, e.g. `session.global`.
    pub id: &'static str,
    /// The layer that is broken: `boot`, `wire`, `session`, `prompt`, `tool` or `reply`.
    pub layer: &'static str,
    /// What goes wrong, in one line.
    pub about: &'static str,
    /// The public thread in which it was seen, or why it is here without one.
    pub report: &'static str,
    /// The canaries that must not pass, in groups; `*` stands for all of them.
    pub canaries: &'static [&'static [&'static str]],
    /// The diagnosis it must be given.
    pub code: &'static str,
}

impl FaultInfo {
    /// The canaries that must not pass; `*` stands for all of them.
    pub fn canaries(&self) -> impl Iterator<Item = &'static str> {
        self.canaries.iter().copied().flatten().copied()
    }
}

/// No fault has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault `{0}`; known are {known}", known = known())]
pub struct UnknownFault(pub String);

/// All faults, in the order of their layers.
pub fn all() -> impl Iterator<Item = Fault> {
    CATALOGUE.iter().map(|info| info.fault)
}

impl Fault {
    /// Finds a fault by its id.
    ///
    /// # Errors
    /// [`UnknownFault`], which lists the known ones.
    pub fn parse(id: &str) -> Result<Self, UnknownFault> {
        let found = CATALOGUE.iter().find(|info| info.id == id);
        found.map(|info| info.fault).ok_or_else(|| UnknownFault(id.to_owned()))
    }

    /// What is known about it.
    #[must_use]
    pub fn info(self) -> &'static FaultInfo {
        // The catalogue is made by the same macro as the variants, in the same order.
        &CATALOGUE[self as usize]
    }
}

fn known() -> String {
    CATALOGUE.iter().map(|info| format!("`{}`", info.id)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_id_and_knows_its_entry() {
        for fault in all() {
            assert_eq!(fault.info().fault, fault);
            assert_eq!(Fault::parse(fault.info().id), Ok(fault));
        }
    }

    #[test]
    fn an_id_begins_with_its_layer() {
        for info in CATALOGUE {
            assert!(info.id.starts_with(&format!("{}.", info.layer)), "{}", info.id);
            assert!(info.code.starts_with(&format!("{}.", info.layer)), "{}", info.code);
            assert!(info.canaries().next().is_some() && !info.about.is_empty() && !info.report.is_empty());
        }
    }

    #[test]
    fn an_unknown_id_is_answered_with_the_known_ones() {
        let message = Fault::parse("reply.drop").unwrap_err().to_string();
        assert!(message.contains("`reply.drop`") && message.contains("`reply.dropped`"), "{message}");
    }
}
