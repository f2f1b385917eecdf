//! One run, from the plan to the last event.

mod known_limit;
mod options;
mod crash;
mod engine;
mod context;
mod parallel;
mod sharing;
mod rounds;
mod connections;
mod canary;
mod probe;
mod turn;
mod send;
mod settle;
mod limit;
mod wiring;
mod report;

use context::RunContext;
pub use crash::Crash;
pub use engine::{Interrupt, run};
pub use options::{Options, Repeat};
