//! The honest model: answers only from what is in its prompt, by rules that a person can read.

mod arguments;
mod code;
mod form;
mod model;
mod rule;
mod schema;
mod told;

pub(crate) use model::pattern;
pub use model::{Brain, Roles};
pub use rule::{CallRule, ROLES, Rule, RuleError};
