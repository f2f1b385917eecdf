//! HTTP requests to a world, without a network.

use std::sync::Arc;

use coalmine_world::{World, fuzzing::serve_stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    runtime::{Builder, Runtime},
};

/// The bytes that either side of a connection may be ahead of the other.
const BUFFER: usize = 1 << 16;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

/// Runs a future to its end.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// A response as it came.
#[derive(Debug)]
pub(crate) struct Response {
    /// The status; `None` if the connection was closed without a response.
    pub(crate) status: Option<u16>,
    /// The headers in lower case, with the status line.
    pub(crate) head: String,
    /// The body, still in chunks if it was sent so.
    pub(crate) body: Vec<u8>,
}

/// Sends a request and returns the response. The length of the body is corrected, so that a body can change.
pub(crate) fn send(world: &Arc<World>, request: &[u8]) -> Response {
    let request = corrected(request);
    let bytes = block_on(async {
        let (client, server) = duplex(BUFFER);
        let (mut receiver, mut sender) = tokio::io::split(client);
        // fails if the world closes the connection early
        let send = async { drop(sender.write_all(&request).await) };
        let receive = async {
            let mut bytes = vec![];
            let _ = receiver.read_to_end(&mut bytes).await;
            bytes
        };
        tokio::join!(serve_stream(server, world), send, receive).2
    });
    let (head, body) = split(&bytes);
    let head = String::from_utf8_lossy(head).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Response { status, head, body: body.to_vec() }
}

/// Splits a message at the first empty line.
fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let place = |end: &'static [u8]| {
        let at = message.windows(end.len()).position(|window| window == end)?;
        Some((at, at + end.len()))
    };
    match [b"\r\n\r\n".as_slice(), b"\n\n"].into_iter().filter_map(place).min() {
        Some((end, begin)) => (&message[..end], &message[begin..]),
        None => (message, &[]),
    }
}

/// Returns a request with the length of its body, on a connection of its own.
fn corrected(request: &[u8]) -> Vec<u8> {
    let (head, body) = split(request);
    let mut corrected = vec![];
    for line in head.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let name: Vec<u8> =
            line.iter().take_while(|byte| **byte != b':').map(u8::to_ascii_lowercase).collect();
        // an empty line would end the head
        if !line.is_empty()
            && !matches!(&name[..], b"content-length" | b"transfer-encoding" | b"expect" | b"connection")
        {
            corrected.extend_from_slice(line);
            corrected.extend_from_slice(b"\r\n");
        }
    }
    corrected
        .extend_from_slice(format!("connection: close\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
    corrected.extend_from_slice(body);
    corrected
}
