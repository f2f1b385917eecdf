//! The engine: from a plan to an ordered stream of events. It never prints and knows no report.
//!
//! Modules in the order of the flow:

pub mod artifacts;
pub mod plan;
pub mod deploy;
pub mod converse;
pub mod observe;
pub mod judge;
pub mod event;
pub mod run;
