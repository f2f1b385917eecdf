//! Clients for a stand-in.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use coalmine_forge_standin::{ADMIN, Running, StandIn};
use coalmine_gate::forge::{Forge, ForgeKind, Options, RepositoryName, Token};

/// The two versions that were measured.
pub(crate) const VERSIONS: [&str; 2] = ["1.22.6", "1.23.6"];

/// The context of the gate.
pub(crate) const CONTEXT: &str = "session-continuity-e2e / session-continuity-e2e (pull_request)";

/// The pauses that a client made.
pub(crate) type Pauses = Arc<Mutex<Vec<Duration>>>;

/// Returns an empty repository `acme/hermes` on a Gitea.
pub(crate) fn gitea(version: &str) -> StandIn {
    StandIn::gitea(version).repository("acme/hermes")
}

pub(crate) fn hermes() -> RepositoryName {
    "acme/hermes".parse().unwrap()
}

/// Returns options that wait for nothing, and the pauses that they would have made.
pub(crate) fn impatient() -> (Options, Pauses) {
    let pauses = Pauses::default();
    let made = Arc::clone(&pauses);
    let wait = Arc::new(move |pause| {
        made.lock().unwrap().push(pause);
        Box::pin(std::future::ready(())) as std::pin::Pin<Box<dyn Future<Output = ()> + Send>>
    });
    (Options { wait, ..Options::default() }, pauses)
}

/// Returns an admin's client.
pub(crate) fn admin(running: &Running) -> Forge {
    client(running, ForgeKind::Gitea, Some(ADMIN))
}

pub(crate) fn client(running: &Running, kind: ForgeKind, token: Option<&str>) -> Forge {
    with(running, kind, token, impatient().0)
}

pub(crate) fn with(running: &Running, kind: ForgeKind, token: Option<&str>, options: Options) -> Forge {
    let token = token.and_then(Token::new);
    Forge::new(kind, &running.url().parse().unwrap(), token.as_ref(), options).unwrap()
}
