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
//! 2. Declare the file here, and add its binding to [`BINDINGS`].
//!
//! Agents whose cards list such an interface first are then reached through it. Nothing else changes:
//! callers ask for a [`Refusal`](crate::Refusal), never for a code. `tests/suite/binding.rs` has a small
//! binding of this kind.

mod json_rpc;

use std::fmt;

use bytes::Bytes;
use reqwest::Method;
use url::Url;

pub use self::json_rpc::JSON_RPC;
use crate::{Ask, Endpoint, Limits, View, WireError};

/// All bindings that the client speaks.
const BINDINGS: [&dyn Binding; 1] = [JSON_RPC];

/// One way in which A2A is bound to HTTP.
pub trait Binding: fmt::Debug + Send + Sync {
    /// Returns the name that cards use (`protocolBinding` in 1.0, `preferredTransport` and `transport` in 0.3).
    fn name(&self) -> &'static str;

    /// Builds the HTTP request of a call.
    fn request(&self, call: &WireCall<'_>) -> HttpRequest;

    /// Reads an answer that came in one piece into the view. The body is already within `call.limits.bytes`.
    ///
    /// # Errors
    /// [`WireError::Refused`] for an error of the protocol, [`WireError::Http`] for any other status of
    /// failure, and [`WireError::Malformed`] for a body that is not an answer.
    fn read_answer(
        &self,
        call: &WireCall<'_>,
        status: u16,
        body: &[u8],
        view: &mut View,
    ) -> Result<(), WireError>;

    /// Reads the data of one event of a stream into the view.
    ///
    /// # Errors
    /// As for [`read_answer`](Self::read_answer), without a status.
    fn read_event(&self, call: &WireCall<'_>, data: &[u8], view: &mut View) -> Result<(), WireError>;
}

/// Two bindings are the same if cards call them the same.
impl PartialEq for dyn Binding {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for dyn Binding {}

/// Returns the binding that a card names, if the client speaks it.
pub(crate) fn by_name(name: &str) -> Option<&'static dyn Binding> {
    BINDINGS.into_iter().find(|binding| binding.name().eq_ignore_ascii_case(name))
}

/// Returns the names of all bindings, as in a sentence.
pub(crate) fn names() -> String {
    BINDINGS.map(Binding::name).join(" or ")
}

/// One request of ours, before a binding gives it its shape.
#[derive(Debug, Clone, Copy)]
pub struct WireCall<'a> {
    /// Where it goes, and in which dialect.
    pub endpoint: &'a Endpoint,
    /// What it asks for.
    pub ask: Ask<'a>,
    /// An id that no other request of the client has.
    pub id: &'a str,
    /// The limits of the answer.
    pub limits: Limits,
}

/// The HTTP request of one call.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The HTTP method.
    pub method: Method,
    /// The operation as the binding names it, for the record.
    pub name: String,
    /// The full address.
    pub url: Url,
    /// The headers of the binding. The client adds `Accept` and the headers of the user.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body; empty for none.
    pub body: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_binding_by_the_name_on_a_card() {
        assert_eq!(by_name("jsonrpc"), Some(JSON_RPC));
        assert_eq!(by_name("HTTP+JSON"), None);
        assert_eq!(by_name(""), None);
    }

    #[test]
    fn each_binding_has_its_own_name() {
        for binding in BINDINGS {
            assert_eq!(BINDINGS.iter().filter(|other| **other == binding).count(), 1, "{binding:?}");
        }
    }
}
