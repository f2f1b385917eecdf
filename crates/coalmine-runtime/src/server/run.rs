//! The life of the server, from its listener to its end.

use std::{io, sync::Arc, time::Duration};

use axum::serve::ListenerExt as _;
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

use super::routes;
use crate::{agent::Agent, config::Config, http};

/// How long connections may take to close once every turn has ended.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why the server could not start or stopped early.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The HTTP client could not be built.
    #[error("could not build the HTTP client: {0}")]
    Client(String),
    /// The listener failed.
    #[error("the listener failed: {0}")]
    Listener(#[from] io::Error),
    /// The fault `boot.crash-on-message` ended the server. The caller should print this text and end the
    /// process, as a panic in a runtime's main thread would.
    #[error("thread 'main' panicked: cannot handle the message: the executor is gone")]
    Crashed,
}

/// Serves on `listener` until `shutdown`.
///
/// Then it accepts no more connections, stops the running turns, whose tasks fail and say why, and returns.
/// The listener may be on port 0, because the card names the address of the request.
///
/// # Errors
/// Returns an error if the HTTP client or the listener fails, or if a fault crashes the server. A problem
/// with a single message is reported to its sender instead.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let client = http::client().map_err(ServeError::Client)?;
    // A child token with a guard stops the turns however this function ends, even if it is dropped half-way.
    let stop = shutdown.child_token();
    let _stop_on_drop = stop.clone().drop_guard();
    let agent = Arc::new(Agent::new(config, client, address, &stop).await);
    let listener = listener.tap_io(|connection| {
        // Without this, the small events of a stream would wait for each other.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "could not disable the delay of a connection");
        }
    });
    let server = axum::serve(listener, routes::router(Arc::clone(&agent)))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    tokio::pin!(server);
    tokio::select! {
        result = &mut server => return Ok(result?),
        () = agent.crashed.cancelled() => return Err(ServeError::Crashed),
        () = stop.cancelled() => {}
    }
    agent.wait_until_idle().await;
    // A client that holds its connection open must not delay the end.
    match timeout(CLOSE_TIMEOUT, server).await {
        Ok(result) => Ok(result?),
        Err(_) => Ok(()),
    }
}
