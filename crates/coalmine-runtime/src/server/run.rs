//! The server's life, from its listener to its end.

use std::{sync::Arc, time::Duration};

use axum::serve::ListenerExt as _;
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{client, routes};
use crate::{agent::Agent, config::Config};

/// How long connections may take to close once every turn has ended.
const CLOSING: Duration = Duration::from_secs(2);

/// The server could not be started, or broke.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built: {0}")]
    Client(String),
    /// The listener failed.
    #[error("the listener failed: {0}")]
    Listener(#[from] std::io::Error),
}

/// Serves on `listener` until `shutdown`: then no connection is taken any more, running turns end (their
/// tasks fail and say so), and it returns. A listener on port 0 is fine; the card names the address it was
/// asked for by.
///
/// # Errors
/// The HTTP client or the listener failed. Anything that concerns a single message is told to its sender
/// instead.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let http = client::build().map_err(ServeError::Client)?;
    // A token of our own: whatever way this function ends, even dropped half-way, the turns end with it.
    let stop = shutdown.child_token();
    let _ends_with_us = stop.clone().drop_guard();
    let agent = Arc::new(Agent::new(config, http, address, &stop).await);
    let listener = listener.tap_io(|connection| {
        // Events of a stream are small and must not wait for each other; without this they would only be
        // late.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let server = axum::serve(listener, routes::router(Arc::clone(&agent)))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    tokio::pin!(server);
    tokio::select! {
        result = &mut server => return Ok(result?),
        () = stop.cancelled() => {}
    }
    agent.idle().await;
    // A client that holds its connection open does not hold us up.
    match timeout(CLOSING, server).await {
        Ok(result) => Ok(result?),
        Err(_) => Ok(()),
    }
}
