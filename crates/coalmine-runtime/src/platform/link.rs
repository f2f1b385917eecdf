//! The one task that talks to the platform: it registers, then passes on heartbeats in the order they were
//! given.

use std::{net::SocketAddr, time::Duration};

use camino::Utf8Path;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, watch},
};
use url::Url;

use super::{load::Beat, token_file::TokenFile};
use crate::{card, cause::cause};

/// Waits between the tries to register; one more try than waits.
const RETRIES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(1), Duration::from_secs(3)];
const TIMEOUT: Duration = Duration::from_secs(5);

/// Whether there is a token, as far as is known.
#[derive(Clone, Debug)]
pub(super) enum Token {
    Awaited,
    Known(String),
    /// Registration is over and there is none.
    None,
}

pub(super) struct Link {
    pub(super) http: Client,
    pub(super) base: Url,
    pub(super) workspace: String,
    pub(super) listening_on: SocketAddr,
    pub(super) token: watch::Sender<Token>,
}

impl Link {
    pub(super) async fn run(self, state_dir: &Utf8Path, mut beats: mpsc::Receiver<Beat>) {
        let file = TokenFile::new(state_dir);
        let mut token = file.read();
        match self.register(token.as_deref()).await {
            Ok(Some(issued)) => {
                if let Err(error) = file.write(&issued) {
                    tracing::warn!(%error, "the platform's token could not be kept");
                }
                token = Some(issued);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(error, "the platform could not be registered with"),
        }
        self.token.send_replace(token.clone().map_or(Token::None, Token::Known));
        while let Some(beat) = beats.recv().await {
            let request = self.request("heartbeat", token.as_deref()).json(&beat);
            if let Err(error) = request.send().await {
                tracing::debug!(error = cause(&error), "a heartbeat was lost");
            }
        }
    }

    /// Registers, in a few tries. The token is issued at the first registration only.
    async fn register(&self, token: Option<&str>) -> Result<Option<String>, String> {
        let url = self.reachable_at().await;
        let body = json!({
            "id": self.workspace,
            "url": url,
            "agent_card": card::for_registry(&url),
        });
        let mut waits = RETRIES.iter();
        loop {
            match self.try_register(&body, token).await {
                Ok(issued) => return Ok(issued),
                Err(error) => match waits.next() {
                    Some(wait) => tokio::time::sleep(*wait).await,
                    None => return Err(error),
                },
            }
        }
    }

    async fn try_register(&self, body: &Value, token: Option<&str>) -> Result<Option<String>, String> {
        let answer = async {
            let response = self.request("register", token).json(body).send().await?.error_for_status()?;
            response.json::<Value>().await
        };
        let answer = answer.await.map_err(|error| cause(&error))?;
        Ok(answer["auth_token"].as_str().map(str::to_owned))
    }

    fn request(&self, what: &str, token: Option<&str>) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["registry", what]);
        }
        let request = self.http.post(url).timeout(TIMEOUT);
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Our own URL as the platform may reach it: where we listen on every address, the one that faces the
    /// platform.
    async fn reachable_at(&self) -> String {
        let mut address = self.listening_on;
        if address.ip().is_unspecified()
            && let Ok(facing) = self.facing().await
        {
            address.set_ip(facing.ip());
        }
        format!("http://{address}/")
    }

    async fn facing(&self) -> std::io::Result<SocketAddr> {
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let any: SocketAddr =
            if host.contains(':') { "[::]:0" } else { "0.0.0.0:0" }.parse().map_err(std::io::Error::other)?;
        // Connecting a datagram socket sends nothing; it only asks the system for the route.
        let socket = UdpSocket::bind(any).await?;
        socket.connect((host, self.base.port_or_known_default().unwrap_or(80))).await?;
        socket.local_addr()
    }
}
