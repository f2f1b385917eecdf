//! Tests of the runtime over HTTP, with a fake model and a fake platform.

#![expect(clippy::unwrap_used, reason = "a test fails at the first missing value")]

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
mod file_kinds;
mod peers;
mod platform;
mod restart;
mod send;
mod session_store;
mod skills;
mod stream;
mod support;
mod tasks;
