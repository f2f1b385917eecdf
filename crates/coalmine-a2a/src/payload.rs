//! The payload of a request in a dialect, the same in every binding.

use serde_json::Value;

use crate::{Ask, Dialect, v0_3, v1_0};

/// Returns what a request asks for as the dialect writes it, without any envelope of a binding.
///
/// An interface's `tenant` must be echoed in each request of 1.0 (§4.4.6); 0.3 has none.
pub fn payload(ask: Ask<'_>, dialect: Dialect, tenant: Option<&str>) -> Value {
    match dialect {
        Dialect::V0_3 => v0_3::payload(ask),
        Dialect::V1_0 => v1_0::payload(ask, tenant),
    }
}
