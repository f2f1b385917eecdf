//! The lint for workflow files: what breaks a gate without anybody noticing.
//!
//! [`lint`] reads files ([`yaml`], [`workflow`]), asks every [`Rule`] about every [`Server`] that a [`Target`] stands for, and merges
//! the answers into [`Finding`]s. [`context`] computes the names of the statuses that a workflow posts. Nothing here prints, and texts
//! may quote hostile files, so what shows them has to escape them.

mod target;
mod version;
pub mod yaml;
pub mod workflow;
mod refusal;
mod shape;
mod kinds;
mod on;
pub mod context;
mod source;
mod rule;
mod scope;
mod action;
mod script;
mod ignore;
mod duplicates;
mod finding;
mod rules;
mod hits;
mod run;
mod output;
mod position;

pub use finding::Finding;
pub use output::{FoundAt, JudgedFile, LintOutput, Unreadable, VersionRange};
pub use position::{Position, position};
pub use rule::{Applies, Evidence, Rule, Severity};
pub use rules::{ALL as RULES, rule};
pub use run::{LintReport, lint};
pub use source::{Canonical, LintOptions, Source};
pub use target::Target;
pub use version::{Server, Version};
