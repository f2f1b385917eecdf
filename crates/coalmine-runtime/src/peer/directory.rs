//! The peers that the platform's registry knows.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use crate::{http::fetch_json, platform::Platform, text::clip};

/// How long a turn waits for the list before it continues with the previous one.
const LIST_TIMEOUT: Duration = Duration::from_secs(1);
const DISCOVER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a list is valid, and how long to wait after a failure before the next attempt.
const LIST_LIFETIME: Duration = Duration::from_secs(30);
const RETRY_PAUSE: Duration = Duration::from_secs(5);
/// The largest number of peers that are offered to the model.
const MAX_PEERS: usize = 32;
/// The longest texts of an entry, in characters.
const MAX_NAME: usize = 100;
const MAX_ABOUT: usize = 500;

/// A peer as the model sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeerEntry {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) about: String,
}

#[derive(Debug)]
pub(super) struct Directory {
    http: Client,
    platform: Arc<Platform>,
    cache: Mutex<CachedList>,
}

#[derive(Debug, Default)]
struct CachedList {
    /// When the platform may be asked again.
    next_request: Option<Instant>,
    peers: Arc<[PeerEntry]>,
}

impl Directory {
    pub(super) fn new(http: Client, platform: Arc<Platform>) -> Self {
        Self { http, platform, cache: Mutex::default() }
    }

    /// Returns all peers, from the cache or from the platform.
    pub(super) async fn peers(&self) -> Arc<[PeerEntry]> {
        let mut cache = self.cache.lock().await;
        if cache.next_request.is_none_or(|next| next <= Instant::now()) {
            let list = self.request(&[self.platform.workspace(), "peers"]);
            let pause = match fetch_json(list, LIST_TIMEOUT).await {
                Ok(list) => {
                    cache.peers = entries(&list).into();
                    LIST_LIFETIME
                }
                Err(error) => {
                    tracing::debug!(error, "could not list the peers");
                    RETRY_PAUSE
                }
            };
            cache.next_request = Some(Instant::now() + pause);
        }
        Arc::clone(&cache.peers)
    }

    /// Returns the URL of a peer.
    pub(super) async fn discover(&self, id: &str) -> Result<Url, String> {
        let entry = fetch_json(self.request(&["discover", id]), DISCOVER_TIMEOUT).await?;
        let url = entry["url"].as_str().or(entry["agent_card"]["url"].as_str());
        let url = url.ok_or("the platform gave no URL")?;
        Url::parse(url).map_err(|error| format!("the platform gave the invalid URL `{url}`: {error}"))
    }

    fn request(&self, path: &[&str]) -> RequestBuilder {
        let request = self.http.get(self.platform.registry_url(path));
        let request = request.header("X-Workspace-ID", self.platform.workspace());
        match self.platform.current_token() {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

fn entries(list: &Value) -> Vec<PeerEntry> {
    let listed = list.as_array().or(list["peers"].as_array()).into_iter().flatten();
    listed.filter_map(entry).take(MAX_PEERS).collect()
}

fn entry(peer: &Value) -> Option<PeerEntry> {
    let text = |name: &str| peer[name].as_str().or(peer["agent_card"][name].as_str()).map(str::trim);
    let id = peer["id"].as_str().filter(|id| !id.is_empty() && id.chars().count() <= MAX_NAME)?;
    Some(PeerEntry {
        id: id.to_owned(),
        name: clip(text("name").unwrap_or(id), MAX_NAME),
        about: clip(text("description").unwrap_or_default(), MAX_ABOUT),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_come_from_the_platform_or_the_card() {
        let list = json!([
            { "id": "w", "name": "Weather", "agent_card": { "name": "x", "description": "Knows the weather" } },
            { "id": "t" }, { "id": "" }, { "name": "nameless" }, { "id": "x".repeat(101) }, 7,
        ]);
        let entry = |id: &str, name: &str, about: &str| PeerEntry {
            id: id.into(),
            name: name.into(),
            about: about.into(),
        };
        let expected = [entry("w", "Weather", "Knows the weather"), entry("t", "t", "")];
        assert_eq!(entries(&list), expected);
        assert_eq!(entries(&json!({ "peers": list })), expected);
        assert_eq!(entries(&json!("no list")), []);
        assert_eq!(entries(&vec![json!({ "id": "w" }); 100].into()).len(), MAX_PEERS);
    }
}
