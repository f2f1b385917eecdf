//! All peers: who they are, and asking one of them.

use std::{sync::Arc, time::Duration};

use camino::Utf8Path;
use reqwest::Client;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::{
    Entry, Outgoing, answer::Answer, contexts::Contexts, directory::Directory, error::PeerError,
    fetch::fetch, interface::Interface,
};
use crate::{
    fault::{Fault, Faults},
    platform::Platform,
    wire::Dialect,
};

const CARD_PATIENCE: Duration = Duration::from_secs(5);
/// A peer may have a model of its own to ask.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);
/// Where cards are, the newer place first.
const CARDS: [&str; 2] = ["agent-card.json", "agent.json"];

#[derive(Debug)]
pub(crate) struct Peers {
    http: Client,
    directory: Option<Directory>,
    contexts: Contexts,
    faults: Faults,
}

impl Peers {
    pub(crate) fn new(
        http: Client,
        platform: Option<Arc<Platform>>,
        state_dir: &Utf8Path,
        faults: Faults,
    ) -> Self {
        let directory = platform.map(|platform| Directory::new(http.clone(), platform));
        Self { http, directory, contexts: Contexts::new(state_dir), faults }
    }

    /// The peers that the platform knows; none where there is no platform.
    pub(crate) async fn known(&self) -> Arc<[Entry]> {
        match &self.directory {
            Some(directory) => directory.peers().await,
            None => Arc::default(),
        }
    }

    /// Asks a peer, named by its id or its name, on behalf of a context of ours.
    pub(crate) async fn ask(
        &self,
        agent: &str,
        message: &Outgoing,
        own_context: &str,
    ) -> Result<String, PeerError> {
        let directory = self.directory.as_ref().ok_or(PeerError::NoPlatform)?;
        let known = directory.peers().await;
        let named = known.iter().find(|peer| peer.id == agent);
        let named = named.or_else(|| known.iter().find(|peer| peer.name.eq_ignore_ascii_case(agent)));
        // one that came since the list was made is not on it
        let id = named.map_or(agent, |peer| &peer.id);
        let found_at = directory.discover(id).await.map_err(|problem| {
            let ids: Vec<_> = known.iter().map(|peer| peer.id.as_str()).collect();
            PeerError::Unknown { agent: agent.to_owned(), problem, known: ids.join(", ") }
        })?;
        let interface = Interface::of(&self.card(&found_at).await?, &found_at);

        if self.faults.is(Fault::ToolPeerContextShared) {
            return Ok(self.send(&interface, message, own_context).await?.text);
        }
        let kept = self.contexts.of(own_context, id).await?;
        let context = kept.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
        let answer = self.send(&interface, message, &context).await?;
        // a peer may have opened one of its own instead
        let context = answer.context_id.unwrap_or(context);
        if kept.as_ref() != Some(&context)
            && let Err(error) = self.contexts.keep(own_context, id, &context).await
        {
            tracing::warn!(%error, "the next question to this peer will not go on where this one ended");
        }
        Ok(answer.text)
    }

    async fn card(&self, found_at: &Url) -> Result<Value, PeerError> {
        let mut problem = String::new();
        for name in CARDS {
            let mut url = found_at.clone();
            if let Ok(mut path) = url.path_segments_mut() {
                path.pop_if_empty().extend([".well-known", name]);
            }
            match fetch(self.http.get(url), CARD_PATIENCE).await {
                Ok(card) => return Ok(card),
                Err(error) => problem = error,
            }
        }
        Err(PeerError::NoCard(problem))
    }

    async fn send(&self, to: &Interface, message: &Outgoing, context: &str) -> Result<Answer, PeerError> {
        let mut request = self.http.post(to.url.clone()).json(&message.request(to.dialect, context));
        if to.dialect == Dialect::V1_0 {
            request = request.header("A2A-Version", "1.0");
        }
        let response = fetch(request, ANSWER_PATIENCE).await.map_err(PeerError::Unreachable)?;
        Answer::read(&response)
    }
}
