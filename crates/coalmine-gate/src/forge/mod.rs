//! A forge, as the gate needs it: the same questions and writes for Gitea, Forgejo and GitHub.
//!
//! - [`Forge`] is the client. Its questions are the gate's, not the API's.
//! - [`Version`] and [`Capabilities`] say what differs between versions, from one table.
//! - [`ForgeError`] names the call that failed, and what to do next.
//!
//! Everything that a forge answers is bounded, and stays as it was sent: who shows a text escapes it.

mod body;
mod capabilities;
mod capability_table;
mod changes;
mod client;
mod contents_body;
mod context;
mod error;
mod comments;
mod files;
mod gitea;
mod github;
mod options;
mod pages;
mod path;
mod protecting;
mod protection;
mod pulls;
mod reads;
mod refusal;
mod request;
mod status;
mod status_body;
mod token;
mod types;
mod version;
mod writes;

use std::sync::Arc;

use reqwest::header::HeaderMap;
use tokio::sync::OnceCell;
use url::Url;

pub use self::{
    capabilities::{Capabilities, Capability, Evidence, Since, Support},
    capability_table::{MEASURED, Row, TABLE},
    changes::{Commit, FileChange, NewCommit, NewPull, OpenedPull},
    context::RequiredContext,
    error::{Call, ErrorKind, ForgeError},
    options::{Options, Wait},
    path::{InvalidRepositoryName, RepositoryName},
    protection::{Protection, ProtectionChange, ProtectionWrite},
    status::{App, ProvenRuns, Run, Status, StatusSource, StatusState, Statuses},
    token::Token,
    types::{Branch, Comment, Entry, EntryKind, File, Pull, PullFilter, PullState, Repository, User},
    version::{ForgeKind, Number, UnknownForge, Version},
};
use self::{
    client::{Client, Request},
    gitea::Gitea,
    github::GitHub,
    pages::Listing,
};

/// The client of one forge. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Forge {
    api: Api,
    version: Arc<OnceCell<Version>>,
}

/// The API that the forge speaks.
#[derive(Debug, Clone)]
enum Api {
    Gitea(Gitea),
    GitHub(GitHub),
}

impl Forge {
    /// Returns a client for the forge at `url`, which is the address of its home page and may have a path. The
    /// token goes to this origin alone; for `https://github.com` that is `https://api.github.com`. Nothing is
    /// sent yet.
    ///
    /// # Errors
    /// The address or the token cannot be right.
    pub fn new(
        kind: ForgeKind,
        url: &Url,
        token: Option<&Token>,
        options: Options,
    ) -> Result<Self, ForgeError> {
        let api = match kind {
            ForgeKind::Gitea | ForgeKind::Forgejo => {
                let authorization = header(token, "token", url)?;
                Api::Gitea(Gitea::new(Client::new(
                    gitea::root(url),
                    authorization,
                    HeaderMap::new(),
                    options,
                )?))
            }
            ForgeKind::GitHub => {
                let authorization = header(token, "Bearer", url)?;
                let client = Client::new(github::root(url), authorization, github::headers(), options)?;
                Api::GitHub(GitHub::new(client))
            }
        };
        Ok(Self { api, version: Arc::default() })
    }

    /// Returns what sends requests.
    fn client(&self) -> &Client {
        match &self.api {
            Api::Gitea(api) => api.client(),
            Api::GitHub(api) => api.client(),
        }
    }

    /// Returns how a list is read; a `complete` one counts only as a whole.
    fn listing(&self, request: Request, complete: bool) -> Listing<'_> {
        match &self.api {
            Api::Gitea(api) => api.listing(request, complete),
            Api::GitHub(api) => api.listing(request, complete),
        }
    }
}

/// Asks the API in use what the two do not have in common.
macro_rules! ask {
    ($self:ident, $api:ident => $call:expr) => {
        match &$self.api {
            crate::forge::Api::Gitea($api) => $call.await,
            crate::forge::Api::GitHub($api) => $call.await,
        }
    };
}
use ask;

/// Returns the header with the token.
fn header(
    token: Option<&Token>,
    scheme: &str,
    url: &Url,
) -> Result<Option<reqwest::header::HeaderValue>, ForgeError> {
    let Some(token) = token else { return Ok(None) };
    let call = || Call { method: "GET".to_owned(), path: url.path().to_owned() };
    let message = "invalid token: expected letters, digits and signs of ASCII";
    token.header(scheme).map(Some).ok_or_else(|| ForgeError::new(call(), ErrorKind::Invalid, message))
}
