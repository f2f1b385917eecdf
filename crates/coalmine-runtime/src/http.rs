//! The HTTP client for the model, the platform and peers, and how its errors and JSON answers are read.

use std::{error::Error, sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use reqwest::{Client, RequestBuilder, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use serde_json::Value;
use tokio::time::timeout;

/// How long a connection may stay silent. A model may think for long, but not forever.
const READ_TIMEOUT: Duration = Duration::from_secs(300);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest JSON answer that is read, in bytes.
const MAX_JSON: usize = 4 << 20;

/// Builds the client. It speaks plain HTTP, uses no proxy because the simulators run on the same machine, and
/// follows no redirect because one could lead a file's URI away from the platform.
///
/// TLS has no certificates, which needs no global provider, reads nothing from disk, and refuses every
/// `https` server.
pub(crate) fn client() -> Result<Client, String> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(Policy::none())
        .http1_only()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build()
        .map_err(|error| error.to_string())
}

/// Sends a request and reads its JSON answer within `limit`.
///
/// # Errors
/// Returns the reason if there is no complete JSON answer in time.
pub(crate) async fn fetch_json(request: RequestBuilder, limit: Duration) -> Result<Value, String> {
    let answer = timeout(limit, read_json(request)).await;
    answer.unwrap_or_else(|_| Err(format!("there was no answer within {} s", limit.as_secs())))
}

async fn read_json(request: RequestBuilder) -> Result<Value, String> {
    let response = request.send().await.map_err(|error| error_chain(&error))?;
    if !response.status().is_success() {
        return Err(format!("the answer was {}", response.status()));
    }
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(bytes) = stream.next().await {
        body.extend_from_slice(&bytes.map_err(|error| error_chain(&error))?);
        if body.len() > MAX_JSON {
            return Err(format!("the answer is larger than {MAX_JSON} bytes"));
        }
    }
    serde_json::from_slice(&body).map_err(|error| format!("the answer is not JSON: {error}"))
}

/// Returns an error with its sources, because the outermost text of an HTTP client's error says little.
pub(crate) fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}
