//! The routes, and the two documents that clients get: the agent card and the content of the session store.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri, header::HOST},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::rpc;
use crate::{agent::Agent, card, fault::Fault};

/// The largest request, in bytes. The base64 of a file of the largest size fits in.
const MAX_BODY: usize = 64 << 20;

pub(super) fn router(agent: Arc<Agent>) -> Router {
    if agent.faults.is(Fault::BootNeverReady) {
        return Router::new().fallback(async || (StatusCode::SERVICE_UNAVAILABLE, "starting"));
    }
    Router::new()
        .route("/.well-known/agent-card.json", get(agent_card))
        .route("/.well-known/agent.json", get(agent_card))
        .route("/agent-card", get(agent_card))
        .route("/admin/session-store", get(session_store))
        .route("/", post(rpc::serve))
        .route("/a2a", post(rpc::serve))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(agent)
}

/// Serves the card with the address of the request, because the client can reach that one.
async fn agent_card(headers: HeaderMap, uri: Uri) -> Json<Value> {
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 names the host in the URI instead.
    let host = header.or_else(|| uri.authority().map(|authority| authority.as_str())).unwrap_or("localhost");
    Json(card::document(&format!("http://{host}/")))
}

/// Serves all sessions as they are on disk, except that a file that is not text is replaced by the length of
/// its base64.
async fn session_store(State(agent): State<Arc<Agent>>) -> Result<Json<Value>, (StatusCode, String)> {
    let sessions = agent.sessions.all().await.map_err(internal_error)?;
    let mut sessions = serde_json::to_value(sessions).map_err(internal_error)?;
    for session in items(&mut sessions) {
        for turn in items(&mut session["turns"]) {
            for file in items(&mut turn["user"]["files"]) {
                if let Some(length) = file["base64"].as_str().map(str::len) {
                    file["base64"] = json!(length);
                }
            }
        }
    }
    Ok(Json(json!({ "sessions": sessions })))
}

fn items(list: &mut Value) -> impl Iterator<Item = &mut Value> {
    list.as_array_mut().into_iter().flatten()
}

fn internal_error(error: impl std::error::Error) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}
