//! Which peers there are, by the platform's registry.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::fetch::fetch;
use crate::platform::Platform;

/// How long a turn waits for the list; then it goes on with what was known.
const LIST_PATIENCE: Duration = Duration::from_secs(1);
const DISCOVER_PATIENCE: Duration = Duration::from_secs(5);
/// How long a list is good for, and how long nobody asks again after a failure.
const FRESH: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(5);
/// Most peers that are offered to the model.
const MAX_PEERS: usize = 32;
/// Longest texts of an entry, in characters.
const MAX_NAME: usize = 100;
const MAX_ABOUT: usize = 500;

/// A peer as the model is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) about: String,
}

#[derive(Debug)]
pub(super) struct Directory {
    http: Client,
    platform: Arc<Platform>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Until when nobody asks again.
    until: Option<Instant>,
    peers: Arc<[Entry]>,
}

impl Directory {
    pub(super) fn new(http: Client, platform: Arc<Platform>) -> Self {
        Self { http, platform, known: Mutex::default() }
    }

    /// All peers; the platform is asked now and then.
    pub(super) async fn peers(&self) -> Arc<[Entry]> {
        let mut known = self.known.lock().await;
        if known.until.is_none_or(|until| until <= Instant::now()) {
            let list = self.request(&[self.platform.workspace(), "peers"]);
            let pause = match fetch(list, LIST_PATIENCE).await {
                Ok(list) => {
                    known.peers = entries(&list).into();
                    FRESH
                }
                Err(error) => {
                    tracing::debug!(error, "the platform did not say which peers there are");
                    PAUSE
                }
            };
            known.until = Some(Instant::now() + pause);
        }
        Arc::clone(&known.peers)
    }

    /// Where a peer is.
    pub(super) async fn discover(&self, id: &str) -> Result<Url, String> {
        let entry = fetch(self.request(&["discover", id]), DISCOVER_PATIENCE).await?;
        let url = entry["url"].as_str().or(entry["agent_card"]["url"].as_str());
        let url = url.ok_or("the platform does not say where it is")?;
        Url::parse(url).map_err(|error| format!("it is said to be at `{url}`: {error}"))
    }

    fn request(&self, path: &[&str]) -> RequestBuilder {
        let request = self.http.get(self.platform.registry(path));
        let request = request.header("X-Workspace-ID", self.platform.workspace());
        match self.platform.token_by_now() {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

fn entries(list: &Value) -> Vec<Entry> {
    let listed = list.as_array().or(list["peers"].as_array()).into_iter().flatten();
    listed.filter_map(entry).take(MAX_PEERS).collect()
}

fn entry(peer: &Value) -> Option<Entry> {
    let said = |name: &str| peer[name].as_str().or(peer["agent_card"][name].as_str()).map(str::trim);
    let clip = |text: &str, most| text.chars().take(most).collect::<String>();
    let id = peer["id"].as_str().filter(|id| !id.is_empty() && id.chars().count() <= MAX_NAME)?;
    Some(Entry {
        id: id.to_owned(),
        name: clip(said("name").unwrap_or(id), MAX_NAME),
        about: clip(said("description").unwrap_or_default(), MAX_ABOUT),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_says_what_the_platform_or_its_card_says() {
        let list = json!([
            { "id": "w", "name": "Weather", "agent_card": { "name": "x", "description": "Knows the weather" } },
            { "id": "t" }, { "id": "" }, { "name": "nameless" }, { "id": "x".repeat(101) }, 7,
        ]);
        let entry = |id: &str, name: &str, about: &str| Entry {
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
