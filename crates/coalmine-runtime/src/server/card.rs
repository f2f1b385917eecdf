//! Serving the agent card.

use axum::{
    Json,
    http::{HeaderMap, Uri, header::HOST},
};
use serde_json::Value;

use crate::card;

/// Serves the card, with the address it was asked for by: that one the client can reach.
pub(super) async fn serve(headers: HeaderMap, uri: Uri) -> Json<Value> {
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 names the host in the URI instead.
    let host = header.or_else(|| uri.authority().map(|authority| authority.as_str())).unwrap_or("localhost");
    Json(card::document(&format!("http://{host}/")))
}
