//! The runtime from outside: over HTTP, with a model and a platform that the tests play.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod canary_mode;
mod cancel;
mod card;
mod context;
mod delivery;
mod envelope;
mod faults;
mod files;
mod hangup;
mod kill;
mod memory;
mod model_failure;
mod odd_files;
mod peers;
mod platform;
mod restart;
mod send;
mod session_store;
mod skills;
mod stream;
mod support;
mod tasks;
