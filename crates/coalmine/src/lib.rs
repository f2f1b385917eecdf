//! The engine, which turns a plan into an ordered stream of events. It never prints, and it knows nothing of
//! reports.
//!
//! [`event`] is the vocabulary that all other modules share. They follow in the order of a run, and [`run`]
//! ties them together.

mod redact;
pub mod event;
pub mod untrusted;
pub mod artifacts;
pub mod plan;
pub mod deploy;
pub mod converse;
pub mod observe;
pub mod judge;
pub mod baseline;
pub mod run;
#[doc(hidden)]
pub mod fuzzing;
