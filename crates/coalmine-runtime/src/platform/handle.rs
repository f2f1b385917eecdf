//! The platform as the rest of the runtime sees it.

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
    connection::{Connection, Token},
    heartbeat::{Heartbeat, Load},
};
use crate::config::Config;

/// How long a file waits for the token.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest number of heartbeats that wait to be sent. More are dropped.
const MAX_WAITING_HEARTBEATS: usize = 256;

#[derive(Debug)]
pub(crate) struct Platform {
    base: Url,
    workspace: String,
    token: watch::Receiver<Token>,
    heartbeats: mpsc::Sender<Heartbeat>,
    load: Mutex<Load>,
}

impl Platform {
    /// Registers in the background; returns `None` if there is no platform. Only files wait for the
    /// registration, because they need the token.
    pub(crate) fn connect(
        config: &Config,
        http: Client,
        listening_on: SocketAddr,
        stop: CancellationToken,
    ) -> Option<Self> {
        let base = config.platform_url.clone()?;
        let (token_sender, token) = watch::channel(Token::Pending);
        let (heartbeats, waiting) = mpsc::channel(MAX_WAITING_HEARTBEATS);
        let workspace = config.workspace.clone();
        let connection = Connection {
            http,
            base: base.clone(),
            workspace: workspace.clone(),
            listening_on,
            token: token_sender,
        };
        let state_dir = config.state_dir.clone();
        tokio::spawn(async move { stop.run_until_cancelled(connection.run(&state_dir, waiting)).await });
        let load = Mutex::new(Load::new(&workspace));
        Some(Self { base, workspace, token, heartbeats, load })
    }

    pub(crate) fn turn_started(&self, task_id: &str) {
        self.send_heartbeat(|load| load.started(task_id));
    }

    pub(crate) fn turn_ended(&self, error: Option<String>) {
        self.send_heartbeat(|load| load.ended(error));
    }

    /// Waits a while for the token.
    pub(crate) async fn token(&self) -> Option<String> {
        let mut token = self.token.clone();
        let known = timeout(TOKEN_TIMEOUT, token.wait_for(|token| !matches!(token, Token::Pending))).await;
        match &*known.ok()?.ok()? {
            Token::Known(token) => Some(token.clone()),
            Token::Pending | Token::None => None,
        }
    }

    /// Returns the token if it is known already.
    pub(crate) fn current_token(&self) -> Option<String> {
        match &*self.token.borrow() {
            Token::Known(token) => Some(token.clone()),
            Token::Pending | Token::None => None,
        }
    }

    pub(crate) fn workspace(&self) -> &str {
        &self.workspace
    }

    /// Returns the URL of a path in the registry.
    pub(crate) fn registry_url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("registry").extend(path);
        }
        url
    }

    /// Returns the URL of a file: an upload of this workspace, or another place on the platform.
    ///
    /// # Errors
    /// Returns an error for a URI that leads to any other host.
    pub(crate) fn locate(&self, uri: &str) -> Result<Url, String> {
        if let Some(path) = uri.strip_prefix("workspace:") {
            return self
                .upload_url(path)
                .ok_or_else(|| format!("the file URI `{uri}` leads out of the uploads"));
        }
        let url = Url::parse(uri).map_err(|error| format!("invalid file URI `{uri}`: {error}"))?;
        if url.origin() != self.base.origin() || !url.username().is_empty() || url.password().is_some() {
            return Err(format!(
                "the file URI `{uri}` does not lead to the platform: send the bytes instead"
            ));
        }
        Ok(url)
    }

    fn upload_url(&self, path: &str) -> Option<Url> {
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

    fn send_heartbeat(&self, change: impl FnOnce(&mut Load) -> Heartbeat) {
        // Sending under the lock keeps the heartbeats in the order of their counts.
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        if self.heartbeats.try_send(change(&mut load)).is_err() {
            tracing::debug!("dropped a heartbeat because the platform does not keep up");
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
            heartbeats: mpsc::channel(1).0,
            load: Mutex::new(Load::new("w")),
        }
    }

    #[test]
    fn locates_uploads_in_the_workspace() {
        let located = |uri| platform().locate(uri).unwrap().to_string();
        let uploads = "http://platform:81/base/workspaces/w%201/chat/uploads";
        assert_eq!(located("workspace:/a/b c.txt"), format!("{uploads}/a/b%20c.txt"));
        assert_eq!(located("workspace:/a?b#c"), format!("{uploads}/a%3Fb%23c"));
        assert_eq!(located("http://platform:81/else"), "http://platform:81/else");
    }

    #[test]
    fn rejects_uris_that_lead_away() {
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
