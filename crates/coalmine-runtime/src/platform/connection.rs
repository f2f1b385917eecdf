//! The connection to the platform: one background task that registers and then sends the heartbeats in order.

use std::{net::SocketAddr, time::Duration};

use camino::Utf8Path;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, watch},
};
use url::Url;

use super::{heartbeat::Heartbeat, token_file::TokenFile};
use crate::{card, http::error_chain};

/// The pauses between the attempts to register.
const RETRY_PAUSES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(1), Duration::from_secs(3)];
const TIMEOUT: Duration = Duration::from_secs(5);

/// The token, as far as it is known.
#[derive(Clone, Debug)]
pub(super) enum Token {
    Pending,
    Known(String),
    /// Registration has ended without a token.
    None,
}

pub(super) struct Connection {
    pub(super) http: Client,
    pub(super) base: Url,
    pub(super) workspace: String,
    pub(super) listening_on: SocketAddr,
    pub(super) token: watch::Sender<Token>,
}

impl Connection {
    pub(super) async fn run(self, state_dir: &Utf8Path, mut heartbeats: mpsc::Receiver<Heartbeat>) {
        let file = TokenFile::new(state_dir);
        let mut token = file.read();
        match self.register(token.as_deref()).await {
            Ok(Some(issued)) => {
                if let Err(error) = file.write(&issued) {
                    tracing::warn!(%error, "could not store the platform's token");
                }
                token = Some(issued);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(error, "could not register with the platform"),
        }
        self.token.send_replace(token.clone().map_or(Token::None, Token::Known));
        while let Some(heartbeat) = heartbeats.recv().await {
            let request = self.request("heartbeat", token.as_deref()).json(&heartbeat);
            if let Err(error) = request.send().await {
                tracing::debug!(error = error_chain(&error), "could not send a heartbeat");
            }
        }
    }

    /// Registers in a few attempts; returns the token, which the platform issues only at the first
    /// registration.
    async fn register(&self, token: Option<&str>) -> Result<Option<String>, String> {
        let url = self.own_url().await;
        let body = json!({
            "id": self.workspace,
            "url": url,
            "agent_card": card::for_registry(&url),
        });
        let mut pauses = RETRY_PAUSES.iter();
        loop {
            match self.try_register(&body, token).await {
                Ok(issued) => return Ok(issued),
                Err(error) => match pauses.next() {
                    Some(pause) => tokio::time::sleep(*pause).await,
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
        let answer = answer.await.map_err(|error| error_chain(&error))?;
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

    /// Returns the URL at which the platform can reach the runtime. If the runtime listens on every address,
    /// this is the address of the interface towards the platform.
    async fn own_url(&self) -> String {
        let mut address = self.listening_on;
        if address.ip().is_unspecified()
            && let Ok(local) = self.local_address().await
        {
            address.set_ip(local.ip());
        }
        format!("http://{address}/")
    }

    async fn local_address(&self) -> std::io::Result<SocketAddr> {
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let any: SocketAddr =
            if host.contains(':') { "[::]:0" } else { "0.0.0.0:0" }.parse().map_err(std::io::Error::other)?;
        // Connecting a datagram socket sends nothing. It only makes the system choose the route.
        let socket = UdpSocket::bind(any).await?;
        socket.connect((host, self.base.port_or_known_default().unwrap_or(80))).await?;
        socket.local_addr()
    }
}
