//! The honest model: answers only from what is in its prompt, by rules that a person can read.

mod arguments;
mod code;
mod form;
mod simulated;
mod rule;
mod schema;
mod inline_schema;

pub use rule::{CallRule, ROLES, Rule, RuleError};
pub(crate) use simulated::pattern;
pub use simulated::{Roles, SimulatedModel};
