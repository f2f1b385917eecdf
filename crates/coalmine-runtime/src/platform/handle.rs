//! What the rest of the runtime sees of the platform.

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::Client;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    link::{Link, Token},
    load::{Beat, Load},
};
use crate::config::Config;

/// How long a file waits for the registration that brings the token.
const TOKEN_PATIENCE: Duration = Duration::from_secs(5);
/// Heartbeats that may wait for the platform; more are dropped.
const BEATS: usize = 256;

#[derive(Debug)]
pub(crate) struct Platform {
    base: Url,
    workspace: String,
    token: watch::Receiver<Token>,
    beats: mpsc::Sender<Beat>,
    load: Mutex<Load>,
}

impl Platform {
    /// Registers in the background; nothing waits for it but files that need the token. None without a
    /// platform.
    pub(crate) fn join(
        config: &Config,
        http: Client,
        listening_on: SocketAddr,
        stop: CancellationToken,
    ) -> Option<Self> {
        let base = config.platform_url.clone()?;
        let (token_sender, token) = watch::channel(Token::Awaited);
        let (beats, waiting) = mpsc::channel(BEATS);
        let workspace = config.workspace.clone();
        let link = Link {
            http,
            base: base.clone(),
            workspace: workspace.clone(),
            listening_on,
            token: token_sender,
        };
        let state_dir = config.state_dir.clone();
        tokio::spawn(async move { stop.run_until_cancelled(link.run(&state_dir, waiting)).await });
        let load = Mutex::new(Load::new(&workspace));
        Some(Self { base, workspace, token, beats, load })
    }

    pub(crate) fn turn_started(&self, task_id: &str) {
        self.beat(|load| load.started(task_id));
    }

    pub(crate) fn turn_ended(&self, error: Option<String>) {
        self.beat(|load| load.ended(error));
    }

    /// The token, if there is one within a reasonable time.
    pub(crate) async fn token(&self) -> Option<String> {
        let mut token = self.token.clone();
        let known = timeout(TOKEN_PATIENCE, token.wait_for(|token| !matches!(token, Token::Awaited))).await;
        match &*known.ok()?.ok()? {
            Token::Known(token) => Some(token.clone()),
            Token::Awaited | Token::None => None,
        }
    }

    /// The token, if there is one by now.
    pub(crate) fn token_by_now(&self) -> Option<String> {
        match &*self.token.borrow() {
            Token::Known(token) => Some(token.clone()),
            Token::Awaited | Token::None => None,
        }
    }

    pub(crate) fn workspace(&self) -> &str {
        &self.workspace
    }

    /// A path of the registry.
    pub(crate) fn registry(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("registry").extend(path);
        }
        url
    }

    /// Where a file's URI leads: to an upload of this workspace, or elsewhere on the platform. The platform's
    /// host is the only one that is asked.
    pub(crate) fn locate(&self, uri: &str) -> Result<Url, String> {
        if let Some(path) = uri.strip_prefix("workspace:") {
            return self
                .upload(path)
                .ok_or_else(|| format!("the file's uri `{uri}` leads out of the uploads"));
        }
        let url =
            Url::parse(uri).map_err(|error| format!("the file's uri `{uri}` cannot be read: {error}"))?;
        if url.origin() != self.base.origin() || !url.username().is_empty() || url.password().is_some() {
            return Err(format!("the file's uri `{uri}` is not on the platform; send the bytes instead"));
        }
        Ok(url)
    }

    fn upload(&self, path: &str) -> Option<Url> {
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().ok()?;
        segments.pop_if_empty().extend(["workspaces", &self.workspace, "chat", "uploads"]);
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            if matches!(segment, "." | "..") {
                return None;
            }
            segments.push(segment);
        }
        drop(segments);
        Some(url)
    }

    fn beat(&self, change: impl FnOnce(&mut Load) -> Beat) {
        // Sent under the lock, so that beats are queued in the order in which they were counted.
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        if self.beats.try_send(change(&mut load)).is_err() {
            tracing::debug!("a heartbeat was dropped: the platform does not keep up");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform() -> Platform {
        Platform {
            base: Url::parse("http://platform:81/base/").unwrap(),
            workspace: "w 1".into(),
            token: watch::channel(Token::None).1,
            beats: mpsc::channel(1).0,
            load: Mutex::new(Load::new("w")),
        }
    }

    #[test]
    fn uploads_are_found_in_the_workspace() {
        let located = |uri| platform().locate(uri).unwrap().to_string();
        let uploads = "http://platform:81/base/workspaces/w%201/chat/uploads";
        assert_eq!(located("workspace:/a/b c.txt"), format!("{uploads}/a/b%20c.txt"));
        assert_eq!(located("workspace:/a?b#c"), format!("{uploads}/a%3Fb%23c"));
        assert_eq!(located("http://platform:81/else"), "http://platform:81/else");
    }

    #[test]
    fn nothing_leads_elsewhere() {
        for uri in [
            "workspace:/../../secrets",
            "http://platform/x",
            "http://elsewhere:81/x",
            "http://platform:81@elsewhere/x",
            "http://a:b@platform:81/x",
            "https://platform:81/x",
            "file:///etc/passwd",
            "x",
        ] {
            assert!(platform().locate(uri).is_err(), "{uri}");
        }
    }
}
