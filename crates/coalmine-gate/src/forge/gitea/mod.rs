//! Gitea and Forgejo.

mod commit;
mod protection;
mod repository;
mod statuses;

use url::Url;

pub(super) use self::protection::write;
use super::{
    client::{Client, Request},
    pages::Listing,
};

/// The largest page that Gitea gives.
const PAGE: u64 = 50;

/// The API of Gitea and Forgejo.
#[derive(Debug, Clone)]
pub(super) struct Gitea {
    client: Client,
}

impl Gitea {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Returns how a list is read. `Link` is missing in some, so the total count decides where it ends.
    pub(super) fn listing(&self, request: Request, complete: bool) -> Listing<'_> {
        Listing { client: &self.client, request, size: ("limit", PAGE), by_link: false, complete }
    }
}

/// Returns the root of the API of the server at an address.
pub(super) fn root(url: &Url) -> Url {
    let mut root = url.clone();
    if let Ok(mut path) = root.path_segments_mut() {
        path.pop_if_empty().extend(["api", "v1"]);
    }
    root
}
