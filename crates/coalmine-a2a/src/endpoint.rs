//! Where and how an agent is talked to.

use url::Url;

use crate::{Dialect, binding::Binding};

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
