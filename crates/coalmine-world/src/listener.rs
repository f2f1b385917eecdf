//! The listener: accepts connections and closes those on which nothing arrives.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{World, server::answer};

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
/// Pause after a failed `accept`, which mostly means that too many files are open.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(100);

/// Serves a world over HTTP/1.1 until the token is canceled; open connections are then dropped. Connections beyond
/// the world's limit are closed at once.
///
/// # Errors
/// Never fails at present: a failing `accept` is tried again.
pub async fn serve(listener: TcpListener, world: Arc<World>, shutdown: CancellationToken) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            // frees the memory of connections that have ended
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(_) if connections.len() >= world.limits.connections => world.budget.count_refusal(),
            Ok((stream, _)) => drop(connections.spawn(serve_connection(stream, Arc::clone(&world)))),
            Err(_) => sleep(PAUSE_AFTER_ERROR).await,
        }
    }
}

async fn serve_connection(stream: TcpStream, world: Arc<World>) {
    // words of a stream must not wait for more; if this fails, they only arrive later
    let _ = stream.set_nodelay(true);
    serve_stream(stream, &world).await;
}

/// Answers the requests on one connection until either side ends it.
pub(crate) async fn serve_stream(stream: impl AsyncRead + AsyncWrite + Unpin, world: &World) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(world.timeouts.head).max_buf_size(BUFFER_BYTES);
    let service = service_fn(|request| async { Ok::<_, Infallible>(answer(world, request).await) });
    // the client may end the connection in any way
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}
