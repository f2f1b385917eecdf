//! Runs against a real container engine: verdicts, bad boots, endings, isolation, and the two entry points for templates.
//!
//! Without an engine they say so and pass; with `CI` set they fail instead.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod boot;
mod compose;
mod endings;
mod isolation;
mod shim;
mod support;
mod verdicts;
