//! The honest model: answers only from what is in its prompt, by rules that a person can read.

mod arguments;
mod form;
mod model;
mod rule;

pub(crate) use model::pattern;
pub use model::{Brain, Roles};
pub use rule::{CallRule, Rule, RuleError};
