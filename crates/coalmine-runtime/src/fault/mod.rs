//! The ways in which the runtime can be broken on purpose, one at a time.
//!
//! To add one: an entry in [`CATALOGUE`]'s file, and one question `faults.is(Fault::…)` at the place the
//! fault concerns. Nothing else needs to know of it.

mod catalogue;
mod info;
mod switch;

pub use catalogue::{CATALOGUE, Fault};
pub use info::{FaultInfo, UnknownFault, all};
pub(crate) use switch::Faults;
