//! What a binding is given, and what it gives back.

use std::fmt;

use bytes::Bytes;
use reqwest::Method;
use url::Url;

use crate::{Ask, Dialect, Limits, View, WireError};

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

/// One interface of an agent: its address, and what is spoken there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address of the interface.
    pub url: Url,
    /// The binding to use.
    pub binding: &'static dyn Binding,
    /// The dialect to speak.
    pub dialect: Dialect,
    /// The tenant, from the card's interface.
    pub tenant: Option<String>,
}

/// One request of ours, before a binding gives it its shape.
#[derive(Debug, Clone, Copy)]
pub struct WireCall<'a> {
    /// Where it goes, and in which dialect.
    pub endpoint: &'a Endpoint,
    /// What it asks for.
    pub ask: Ask<'a>,
    /// The id of the request, which only its retries share.
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
