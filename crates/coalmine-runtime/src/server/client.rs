//! The HTTP client for the model and the platform.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// A model may think for long, but not say nothing for ever.
const SILENCE: Duration = Duration::from_secs(300);
const CONNECT: Duration = Duration::from_secs(10);

/// Builds the client: plain HTTP, no proxy (the simulators are beside us), no redirects (they could lead a
/// file's URI away from the platform). TLS is set up without any certificate: this needs no global provider,
/// reads nothing from disk, and refuses every `https` server.
pub(super) fn build() -> Result<Client, String> {
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
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .build()
        .map_err(|error| error.to_string())
}
