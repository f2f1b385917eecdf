//! Reads the body of a request within bounds of length and time.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    HeaderMap,
    body::{Body, Incoming},
    header::EXPECT,
};
use tokio::time::timeout;

use crate::{
    Held, Timeouts,
    budget::{Budget, OverBudget},
    http::Refusal,
};

/// Maximum length of a body in bytes: more than any provider accepts in a prompt.
const MAX_BYTES: usize = 32 << 20;
/// Maximum number of bytes of a longer body that are discarded: many clients read a response only after they
/// have sent everything.
const MAX_DISCARDED: usize = 256 << 20;

/// A body and its share of the budget.
#[derive(Debug, Default)]
pub(crate) struct HeldBody {
    pub(crate) bytes: Bytes,
    _held: Held,
}

/// Reads a whole body, or refuses it. What has arrived takes its share of the budget before more is read.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut body: Incoming,
    timeouts: &Timeouts,
    budget: &Budget,
) -> Result<HeldBody, Refusal> {
    let announced = body.size_hint().lower();
    if announced > MAX_BYTES as u64 {
        budget.count_refusal();
        // a client that sends `Expect` waits for the response before it sends the body
        if !headers.contains_key(EXPECT) {
            discard(&mut body, timeouts).await;
        }
        return Err(too_large());
    }
    let first = next(&mut body, timeouts).await?.unwrap_or_default();
    let read = match budget.take(first.len()) {
        Ok(held) if body.is_end_stream() => return Ok(HeldBody { bytes: first, _held: held }),
        Ok(held) => read_rest(&mut body, timeouts, first, held).await,
        Err(OverBudget) => Err(OverBudget.into()),
    };
    if let Err(Refusal { status: 413 | 503, .. }) = read {
        discard(&mut body, timeouts).await;
    }
    read
}

async fn read_rest(
    body: &mut Incoming,
    timeouts: &Timeouts,
    first: Bytes,
    mut held: Held,
) -> Result<HeldBody, Refusal> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(MAX_BYTES);
    // memory that was never written to costs nothing, whatever the client announces
    let mut all = Vec::with_capacity(first.len().saturating_add(announced));
    all.extend_from_slice(&first);
    drop(first);
    while let Some(bytes) = next(body, timeouts).await? {
        if all.len().saturating_add(bytes.len()) > MAX_BYTES {
            held.count_refusal();
            return Err(too_large());
        }
        held.grow(bytes.len())?;
        all.extend_from_slice(&bytes);
    }
    Ok(HeldBody { bytes: all.into(), _held: held })
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
        let mut discarded: usize = 0;
        while let Ok(Some(bytes)) = next(body, timeouts).await {
            discarded = discarded.saturating_add(bytes.len());
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
