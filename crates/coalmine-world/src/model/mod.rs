//! The simulated model: answers only from its prompt, by rules that people can read.

mod rule;
mod compiled_rule;
mod template;
mod roles;
mod simulated;
mod side_call;
mod response_format;
mod inline_schema;
mod code;
mod arguments;
mod meaning;
mod schema;

pub(crate) use compiled_rule::pattern;
pub use roles::{RoleTools, Roles};
pub use rule::{CallRule, ROLES, Rule, RuleError};
pub use side_call::{SideCallAnswer, SideCallKind, SideCallRule};
pub use simulated::{ModelResponse, SimulatedModel};
