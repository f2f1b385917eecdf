//! GitHub, by its documentation: no call here was measured.

mod branches;
mod commit;
mod protection;
mod version;
mod statuses;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use url::Url;

pub(super) use self::protection::write;
use super::{
    client::{Client, Request},
    pages::Listing,
};

/// The largest page that GitHub gives.
const PAGE: u64 = 100;

/// The API of GitHub.
#[derive(Debug, Clone)]
pub(super) struct GitHub {
    client: Client,
}

impl GitHub {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn listing(&self, request: Request, complete: bool) -> Listing<'_> {
        Listing { client: &self.client, request, size: ("per_page", PAGE), by_link: true, complete }
    }
}

/// Returns the root of the API of the server at an address: a host of its own for `github.com`, a path for an
/// Enterprise Server.
pub(super) fn root(url: &Url) -> Url {
    let mut root = url.clone();
    match url.host_str() {
        Some("github.com" | "www.github.com") => {
            // both can only fail for addresses that have no host
            let _ = root.set_host(Some("api.github.com"));
            root.set_path("/");
        }
        Some("api.github.com") => {}
        _ => {
            if let Ok(mut path) = root.path_segments_mut() {
                path.pop_if_empty().extend(["api", "v3"]);
            }
        }
    }
    root
}

/// Returns the headers of every request, except the token.
pub(super) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
    let version = HeaderName::from_static("x-github-api-version");
    headers.insert(version, HeaderValue::from_static("2022-11-28"));
    headers
}
