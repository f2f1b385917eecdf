//! The listener: accepts connections and closes those on which nothing arrives.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{World, http, server::answer};

/// How long the world waits for a client before it closes the connection.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For all headers of a request, and for the next request on a connection that is kept alive.
    pub head: Duration,
    /// For the next bytes of a body.
    pub body: Duration,
    /// For the rest of a body that is refused because of its length.
    pub discard: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(60),
            body: Duration::from_secs(30),
            discard: Duration::from_secs(10),
        }
    }
}

/// Maximum number of bytes of a request's head, and of a body or a response that are buffered for a connection.
const BUFFER_BYTES: usize = 32 << 10;
/// Maximum number of foreign connections that are refused in words; more are closed at once.
const MAX_FOREIGN: usize = 16;
/// Pause after a failed `accept`, which mostly means that too many files are open.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(100);

/// Serves a world over HTTP/1.1 until the token is canceled; open connections are then dropped. Connections beyond
/// the world's limit are closed at once; foreign callers are refused, and nothing of theirs is recorded.
///
/// # Errors
/// Never fails at present: a failing `accept` is tried again.
pub async fn serve(listener: TcpListener, world: Arc<World>, shutdown: CancellationToken) -> io::Result<()> {
    let (mut connections, mut foreign) = (JoinSet::new(), JoinSet::new());
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            // frees the memory of connections that have ended
            Some(_) = connections.join_next() => continue,
            Some(_) = foreign.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) if !world.callers.admits(address.ip()) => {
                world.foreign.add(address.ip());
                if foreign.len() < MAX_FOREIGN {
                    foreign.spawn(refuse_foreign(stream, world.timeouts.discard));
                }
            }
            Ok(_) if connections.len() >= world.limits.connections => world.budget.count_refusal(),
            Ok((stream, _)) => drop(connections.spawn(serve_connection(stream, Arc::clone(&world)))),
            Err(_) => sleep(PAUSE_AFTER_ERROR).await,
        }
    }
}

/// Refuses one request of a caller that may not call the world.
async fn refuse_foreign(stream: TcpStream, within: Duration) {
    let service = service_fn(|_| async {
        let error = json!({ "error": "this world belongs to a run that you are not part of" });
        Ok::<_, Infallible>(http::json(403, &error))
    });
    let mut server = http1::Builder::new();
    server.keep_alive(false).max_buf_size(BUFFER_BYTES);
    // the client may end the connection in any way
    let _ = timeout(within, server.serve_connection(TokioIo::new(stream), service)).await;
}

async fn serve_connection(stream: TcpStream, world: Arc<World>) {
    // words of a stream must not wait for more; if this fails, they only arrive later
    let _ = stream.set_nodelay(true);
    serve_stream(stream, &world).await;
}

/// Answers the requests on one connection until either side ends it.
pub(crate) async fn serve_stream(stream: impl AsyncRead + AsyncWrite + Unpin, world: &World) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(world.timeouts.head).max_buf_size(BUFFER_BYTES);
    let service = service_fn(|request| async { Ok::<_, Infallible>(answer(world, request).await) });
    // the client may end the connection in any way
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}
