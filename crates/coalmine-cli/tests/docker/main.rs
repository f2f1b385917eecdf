//! Tests against a real container engine: verdicts, failed boots, endings, isolation, limits, and the entry points in
//! `local-e2e`.
//!
//! Without an engine they print that they were skipped, and pass. If `CI` is set they fail instead.

#![expect(clippy::unwrap_used, reason = "tests fail at the first missing value")]

mod attest;
mod boot;
mod compose;
mod endings;
mod isolation;
mod limits;
mod project;
mod shim;
mod support;
mod verdicts;
