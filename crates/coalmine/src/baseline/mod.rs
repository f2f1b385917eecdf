//! What is known to be broken, so that a run fails only on what is worse.
//!
//! [`Baseline`] is the file; `judge` changes the verdict of a canary by it. It excuses as little as possible: a canary that
//! failed in the baseline with the same code. What could not be judged is never excused, and neither is a finding.

mod file;
mod judge;

pub use file::{BASELINE_SCHEMA, Baseline, BaselineCanary, BaselineError, BaselineRun};
