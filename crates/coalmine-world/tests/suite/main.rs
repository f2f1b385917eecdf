//! Tests of the world over HTTP, as a runtime sees it.

#![expect(clippy::unwrap_used, reason = "a test fails at the first missing value")]

mod broken_requests;
mod chat;
mod control;
mod grounding;
mod invalid_requests;
mod journal;
mod lenient;
mod limits;
mod many_streams;
mod model_fault;
mod peers;
mod refusals;
mod response_formats;
mod support;
mod retrieval;
mod side_calls;
mod tools;
mod vendors;
