//! The wire: JSON-RPC in the dialects 0.3 and 1.0 of A2A.
//!
//! Requests become plain types without a dialect. Tasks and events are written in the dialect of their
//! request. No module behind this one depends on a dialect.

mod envelope;
mod method;
mod dialect;
mod inbound;
mod params;
mod part;
mod outbound;
mod error;

pub(crate) use dialect::Dialect;
pub(crate) use envelope::{EnvelopeError, Request, failure, success};
pub(crate) use error::{ErrorKind, RpcError};
pub(crate) use inbound::SendRequest;
pub(crate) use method::Method;
pub(crate) use outbound::Outbound;
pub(crate) use params::{ListRequest, TaskRequest};
