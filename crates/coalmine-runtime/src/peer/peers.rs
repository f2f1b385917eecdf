//! The list of peers, and how to ask one of them.

use std::{sync::Arc, time::Duration};

use camino::Utf8Path;
use reqwest::Client;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::{
    PeerEntry, PeerMessage,
    answer::{PeerAnswer, PeerError},
    contexts::PeerContexts,
    directory::Directory,
    interface::PeerInterface,
};
use crate::{
    fault::{Fault, Faults},
    http::fetch_json,
    platform::Platform,
    wire::Dialect,
};

const CARD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take. The peer may have to ask a model of its own.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// The names of cards, with that of the newer dialect first.
const CARD_NAMES: [&str; 2] = ["agent-card.json", "agent.json"];

#[derive(Debug)]
pub(crate) struct Peers {
    http: Client,
    directory: Option<Directory>,
    contexts: PeerContexts,
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
        Self { http, directory, contexts: PeerContexts::new(state_dir), faults }
    }

    /// Returns the peers that the platform knows; none if there is no platform.
    pub(crate) async fn list(&self) -> Arc<[PeerEntry]> {
        match &self.directory {
            Some(directory) => directory.peers().await,
            None => Arc::default(),
        }
    }

    /// Asks a peer, given by its id or its name, on behalf of one of our contexts.
    pub(crate) async fn ask(
        &self,
        agent: &str,
        message: &PeerMessage,
        own_context: &str,
    ) -> Result<String, PeerError> {
        let directory = self.directory.as_ref().ok_or(PeerError::NoPlatform)?;
        let known = directory.peers().await;
        let named = known.iter().find(|peer| peer.id == agent);
        let named = named.or_else(|| known.iter().find(|peer| peer.name.eq_ignore_ascii_case(agent)));
        // A peer that is newer than the list is not on it.
        let id = named.map_or(agent, |peer| &peer.id);
        let located_at = directory.discover(id).await.map_err(|problem| {
            let ids: Vec<_> = known.iter().map(|peer| peer.id.as_str()).collect();
            PeerError::Unknown { agent: agent.to_owned(), problem, known: ids.join(", ") }
        })?;
        let interface = PeerInterface::from_card(&self.card(&located_at).await?, &located_at);

        if self.faults.is(Fault::ToolPeerContextShared) {
            return Ok(self.send(&interface, message, own_context).await?.text);
        }
        let stored = self.contexts.get(own_context, id).await?;
        let context = stored.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
        let answer = self.send(&interface, message, &context).await?;
        // The peer may have opened a context of its own instead.
        let context = answer.context_id.unwrap_or(context);
        if stored.as_ref() != Some(&context)
            && let Err(error) = self.contexts.set(own_context, id, &context).await
        {
            tracing::warn!(%error, "could not store the contextId of a peer");
        }
        Ok(answer.text)
    }

    async fn card(&self, located_at: &Url) -> Result<Value, PeerError> {
        let mut problem = String::new();
        for name in CARD_NAMES {
            let mut url = located_at.clone();
            if let Ok(mut path) = url.path_segments_mut() {
                path.pop_if_empty().extend([".well-known", name]);
            }
            match fetch_json(self.http.get(url), CARD_TIMEOUT).await {
                Ok(card) => return Ok(card),
                Err(error) => problem = error,
            }
        }
        Err(PeerError::NoCard(problem))
    }

    async fn send(
        &self,
        to: &PeerInterface,
        message: &PeerMessage,
        context: &str,
    ) -> Result<PeerAnswer, PeerError> {
        let mut request = self.http.post(to.url.clone()).json(&message.request(to.dialect, context));
        if to.dialect == Dialect::V1_0 {
            request = request.header("A2A-Version", "1.0");
        }
        let response = fetch_json(request, ANSWER_TIMEOUT).await.map_err(PeerError::Unreachable)?;
        PeerAnswer::read(&response)
    }
}
