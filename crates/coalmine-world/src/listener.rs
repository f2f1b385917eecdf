//! The one listener: takes connections in, and ends those on which nothing comes.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{World, server::answer};

/// How long a client may let the world wait before its connection ends.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For all headers of a request; for the next request on a connection that is kept alive as well.
    pub head: Duration,
    /// For the next bytes of a body.
    pub body: Duration,
    /// For the rest of a body that is refused for its length.
    pub rest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(60), body: Duration::from_secs(30), rest: Duration::from_secs(10) }
    }
}

/// How long nothing is accepted after the system refused to: mostly because too many files are open.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves a world on a listener over HTTP/1.1 until the token is cancelled; open connections are then dropped.
///
/// # Errors
/// None at present: a listener that fails is tried again.
pub async fn serve(listener: TcpListener, world: Arc<World>, shutdown: CancellationToken) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            // what has ended is forgotten
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => drop(connections.spawn(connection(stream, Arc::clone(&world)))),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn connection(stream: TcpStream, world: Arc<World>) {
    // the words of a stream are not held back; where that cannot be had they come later
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(world.patience.head);
    let answer = service_fn(|request| async { Ok::<_, Infallible>(answer(&world, request).await) });
    // how a connection ends is its client's affair
    let _ = http.serve_connection(TokioIo::new(stream), answer).await;
}
