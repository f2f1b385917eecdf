//! The engine: from a plan to an ordered stream of events. It never prints and knows no report.
//!
//! Modules in the order of the flow:

pub mod event;
pub mod plan;
pub mod target;
