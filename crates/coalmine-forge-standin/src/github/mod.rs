//! GitHub, by its documentation.

use crate::{
    http::{Reply, Request},
    model::Model,
};

/// Answers a request to the API.
pub(crate) fn route(_model: &mut Model, _request: &Request) -> Reply {
    Reply::no_route()
}
