//! A view into the session store, for whoever wants to see what was really kept.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::agent::Agent;

/// All sessions as they are on disk; of files that are not text, the length of their base64.
pub(super) async fn session_store(
    State(agent): State<Arc<Agent>>,
) -> Result<Json<Value>, (StatusCode, String)> {
    let failed = |error: String| (StatusCode::INTERNAL_SERVER_ERROR, error);
    let sessions = agent.sessions.all().await.map_err(|error| failed(error.to_string()))?;
    let mut sessions = serde_json::to_value(sessions).map_err(|error| failed(error.to_string()))?;
    for session in sessions.as_array_mut().into_iter().flatten() {
        for turn in session["turns"].as_array_mut().into_iter().flatten() {
            for file in turn["user"]["files"].as_array_mut().into_iter().flatten() {
                if let Some(length) = file["base64"].as_str().map(str::len) {
                    file["base64"] = json!(length);
                }
            }
        }
    }
    Ok(Json(json!({ "sessions": sessions })))
}
