//! The world from outside, over HTTP: what a runtime meets there.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod chat;
mod control;
mod crowd;
mod forms;
mod grounded;
mod hostile;
mod journal;
mod lies;
mod lenient;
mod peers;
mod refusals;
mod support;
mod tools;
mod model_fault;
mod vendors;
