//! Reads the body of a request, within bounds of length and time.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    HeaderMap,
    body::{Body, Incoming},
    header::EXPECT,
};
use tokio::time::timeout;

use crate::{Patience, provider::Refusal};

/// Longest body in bytes.
const MAX_BYTES: usize = 64 << 20;
/// Most bytes of a longer one that are read and thrown away: many clients look for an answer only when they have sent all.
const MAX_THROWN: usize = 256 << 20;

/// Reads a body.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut body: Incoming,
    patience: &Patience,
) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > MAX_BYTES as u64 {
        // who asks before he sends need not send it
        if !headers.contains_key(EXPECT) {
            throw_away(&mut body, patience).await;
        }
        return Err(too_large());
    }
    let first = next(&mut body, patience).await?.unwrap_or_default();
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut all = Vec::from(first);
    while let Some(bytes) = next(&mut body, patience).await? {
        if all.len() + bytes.len() > MAX_BYTES {
            throw_away(&mut body, patience).await;
            return Err(too_large());
        }
        all.extend_from_slice(&bytes);
    }
    Ok(all.into())
}

/// The next bytes, or nothing at the end.
async fn next(body: &mut Incoming, patience: &Patience) -> Result<Option<Bytes>, Refusal> {
    loop {
        match timeout(patience.body, body.frame()).await {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(_trailers) => continue,
            },
            Ok(Some(Err(_))) => return Err(Refusal::bad("The body of the request is broken.")),
            Err(_) => return Err(refusal(408, "The rest of the request did not come in time.")),
        }
    }
}

async fn throw_away(body: &mut Incoming, patience: &Patience) {
    let read = async {
        let mut thrown = 0;
        while let Ok(Some(bytes)) = next(body, patience).await {
            thrown += bytes.len();
            if thrown > MAX_THROWN {
                break;
            }
        }
    };
    // whoever has not sent all by then may miss the answer
    let _ = timeout(patience.rest, read).await;
}

fn too_large() -> Refusal {
    refusal(413, "The request is too large.")
}

fn refusal(status: u16, message: &str) -> Refusal {
    Refusal { status, message: message.into() }
}
