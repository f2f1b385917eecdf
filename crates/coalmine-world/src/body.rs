//! Reads the body of a request within bounds of length and time.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    HeaderMap,
    body::{Body, Incoming},
    header::EXPECT,
};
use tokio::time::timeout;

use crate::{Timeouts, http::Refusal};

/// Maximum length of a body in bytes.
const MAX_BYTES: usize = 64 << 20;
/// Maximum number of bytes of a longer body that are discarded: many clients read a response only after they
/// have sent everything.
const MAX_DISCARDED: usize = 256 << 20;

/// Reads a whole body, or refuses it.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut body: Incoming,
    timeouts: &Timeouts,
) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > MAX_BYTES as u64 {
        // a client that sends `Expect` waits for the response before it sends the body
        if !headers.contains_key(EXPECT) {
            discard(&mut body, timeouts).await;
        }
        return Err(too_large());
    }
    let first = next(&mut body, timeouts).await?.unwrap_or_default();
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut all = Vec::from(first);
    while let Some(bytes) = next(&mut body, timeouts).await? {
        if all.len() + bytes.len() > MAX_BYTES {
            discard(&mut body, timeouts).await;
            return Err(too_large());
        }
        all.extend_from_slice(&bytes);
    }
    Ok(all.into())
}

/// Returns the next bytes, or `None` at the end of the body.
async fn next(body: &mut Incoming, timeouts: &Timeouts) -> Result<Option<Bytes>, Refusal> {
    loop {
        match timeout(timeouts.body, body.frame()).await {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(_trailers) => continue,
            },
            Ok(Some(Err(_))) => return Err(Refusal::bad_request("The request body could not be read.")),
            Err(_) => {
                let message = "The rest of the request body did not arrive in time.".into();
                return Err(Refusal { status: 408, message });
            }
        }
    }
}

/// Reads and discards the rest of a body, within bounds. A client that still sends afterwards may miss the
/// response.
async fn discard(body: &mut Incoming, timeouts: &Timeouts) {
    let read = async {
        let mut discarded = 0;
        while let Ok(Some(bytes)) = next(body, timeouts).await {
            discarded += bytes.len();
            if discarded > MAX_DISCARDED {
                break;
            }
        }
    };
    let _ = timeout(timeouts.discard, read).await;
}

fn too_large() -> Refusal {
    Refusal { status: 413, message: "The request is too large.".into() }
}
