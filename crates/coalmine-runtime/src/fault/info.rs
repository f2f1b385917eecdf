//! The description of a fault, and the lookup of a fault by its id.

use super::{CATALOGUE, Fault};

/// The description of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultInfo {
    /// The fault itself.
    pub fault: Fault,
    /// The name that switches it on, e.g. `session.global`.
    pub id: &'static str,
    /// The broken layer: `boot`, `wire`, `session`, `prompt`, `tool` or `reply`.
    pub layer: &'static str,
    /// What goes wrong, in one sentence without a full stop.
    pub about: &'static str,
    /// The public issue or pull request that reports it, or why it is listed without one.
    pub report: &'static str,
    /// The canaries that must not pass, in groups; `*` stands for all of them.
    pub canaries: &'static [&'static [&'static str]],
    /// The code of the diagnosis that it must get.
    pub code: &'static str,
}

impl FaultInfo {
    /// Returns the canaries that must not pass; `*` stands for all of them.
    pub fn canaries(&self) -> impl Iterator<Item = &'static str> {
        self.canaries.iter().copied().flatten().copied()
    }
}

/// The error for an id that no fault has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault `{0}`: expected one of {known}", known = quoted_ids())]
pub struct UnknownFault(pub String);

/// Returns all faults, in the order of their layers.
pub fn all() -> impl Iterator<Item = Fault> {
    CATALOGUE.iter().map(|info| info.fault)
}

impl Fault {
    /// Finds a fault by its id.
    ///
    /// # Errors
    /// Returns [`UnknownFault`], which lists the known ids, if no fault has this id.
    pub fn parse(id: &str) -> Result<Self, UnknownFault> {
        let found = CATALOGUE.iter().find(|info| info.id == id);
        found.map(|info| info.fault).ok_or_else(|| UnknownFault(id.to_owned()))
    }

    /// Returns its entry in the catalogue.
    #[must_use]
    pub fn info(self) -> &'static FaultInfo {
        // One macro makes the variants and the catalogue, so both have the same order.
        &CATALOGUE[self as usize]
    }
}

fn quoted_ids() -> String {
    CATALOGUE.iter().map(|info| format!("`{}`", info.id)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_faults_and_faults_to_entries() {
        for fault in all() {
            assert_eq!(fault.info().fault, fault);
            assert_eq!(Fault::parse(fault.info().id), Ok(fault));
        }
    }

    #[test]
    fn ids_and_codes_begin_with_the_layer() {
        for info in CATALOGUE {
            assert!(info.id.starts_with(&format!("{}.", info.layer)), "{}", info.id);
            assert!(info.code.starts_with(&format!("{}.", info.layer)), "{}", info.code);
            assert!(info.canaries().next().is_some() && !info.about.is_empty() && !info.report.is_empty());
        }
    }

    #[test]
    fn unknown_id_lists_the_known_ids() {
        let message = Fault::parse("reply.drop").unwrap_err().to_string();
        assert!(message.contains("`reply.drop`") && message.contains("`reply.dropped`"), "{message}");
    }
}
