//! The world from outside, over HTTP: what a runtime meets there.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod chat;
mod control;
mod crowd;
mod response_formats;
mod grounded;
mod hostile;
mod journal;
mod broken_requests;
mod lenient;
mod peers;
mod refusals;
mod support;
mod tools;
mod model_fault;
mod vendors;
