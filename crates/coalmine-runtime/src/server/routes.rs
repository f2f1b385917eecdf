//! Which path leads where.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};

use super::{admin, card, rpc};
use crate::{agent::Agent, fault::Fault};

/// Largest request, in bytes: base64 of files of the largest size fits in.
pub(super) const MAX_BODY: usize = 64 << 20;

pub(super) fn router(agent: Arc<Agent>) -> Router {
    if agent.faults.is(Fault::BootNeverReady) {
        return Router::new().fallback(async || (StatusCode::SERVICE_UNAVAILABLE, "starting"));
    }
    Router::new()
        .route("/.well-known/agent-card.json", get(card::serve))
        .route("/.well-known/agent.json", get(card::serve))
        .route("/agent-card", get(card::serve))
        .route("/admin/session-store", get(admin::session_store))
        .route("/", post(rpc::serve))
        .route("/a2a", post(rpc::serve))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(agent)
}
