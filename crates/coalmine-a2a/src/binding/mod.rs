//! Bindings: how the operations of A2A travel over HTTP.
//!
//! A [`Binding`] turns one [`WireCall`] into one [`HttpRequest`] and reads the answer, as a whole or event by
//! event, into a [`View`]. It does not know what messages and tasks look like. That is up to the dialects,
//! whose payloads are the same in every binding: [`payload`](crate::payload()) writes them,
//! [`View::absorb_answer`] and [`View::absorb_event`] read them. It does not deal with limits, retries,
//! polling, redirects and the framing of event streams either: the client does.
//!
//! # How to add a binding
//!
//! 1. Add a file beside `json_rpc.rs` with a type that implements [`Binding`]:
//!    - `name` returns what cards call it, such as `HTTP+JSON`;
//!    - `request` takes method, path and body from the [`Ask`] and its payload, and sends the dialect's
//!      [`version_header`](crate::Dialect::version_header);
//!    - `read_answer` and `read_event` parse through [`read_json`](crate::read_json), which bounds what it
//!      reads, note departures with [`View::note`], and end in [`View::absorb_answer`] or
//!      [`View::absorb_event`];
//!    - errors of the protocol become [`WireError::Refused`] with the matching [`Refusal`](crate::Refusal)
//!      and the original code and message; a status of failure with any other body becomes
//!      [`WireError::http`].
//! 2. Declare the file here, and add its binding to the list in `known.rs`.
//!
//! Agents whose cards list such an interface first are then reached through it. Nothing else changes:
//! callers ask for a [`Refusal`](crate::Refusal), never for a code. `tests/suite/binding.rs` has a small
//! binding of this kind.

mod contract;
mod json_rpc;
mod known;

pub(crate) use self::known::{by_name, names};
pub use self::{
    contract::{Binding, Endpoint, HttpRequest, WireCall},
    json_rpc::JSON_RPC,
};
#[cfg(doc)]
use crate::{Ask, View, WireError};
