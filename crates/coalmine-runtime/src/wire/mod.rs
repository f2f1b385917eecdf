//! The wire: JSON-RPC in the dialects 0.3 and 1.0 of A2A.
//!
//! Requests come in as plain types that know no dialect, and tasks and events go out in the dialect they were
//! asked for in. Nothing behind this module sees a dialect.

mod dialect;
mod envelope;
mod error;
mod inbound;
mod method;
mod outbound;
mod params;
mod part;

pub(crate) use dialect::Dialect;
pub(crate) use envelope::{Request, failure, success};
pub(crate) use error::{ErrorKind, RpcError};
pub(crate) use inbound::SendRequest;
pub(crate) use method::Method;
pub(crate) use outbound::Outbound;
pub(crate) use params::{ListRequest, TaskRequest};
