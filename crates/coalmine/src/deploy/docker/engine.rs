//! Where the container engine is.
//!
//! Tried in this order: `DOCKER_HOST`; `/var/run/docker.sock`; the sockets of rootless Docker, Docker Desktop, rootless
//! Podman and Podman.

use bollard::{API_DEFAULT_VERSION, Docker as Engine};

use super::super::TargetError;

/// The longest that one request to the engine may take, in seconds: a pull answers piece by piece.
const TIMEOUT: u64 = 120;

/// Connects to the first engine that answers.
pub(in crate::deploy) async fn connect() -> Result<Engine, TargetError> {
    let mut tried = vec![];
    for address in addresses() {
        let opened = match address.strip_prefix("unix://") {
            Some(path) => Engine::connect_with_unix(path, TIMEOUT, API_DEFAULT_VERSION),
            None if address.starts_with("tcp://") || address.starts_with("http://") => {
                Engine::connect_with_http(&address, TIMEOUT, API_DEFAULT_VERSION)
            }
            None => {
                tried.push(format!("{address}: only unix:// and tcp:// are spoken"));
                continue;
            }
        };
        let answered = match opened {
            Ok(engine) => engine.negotiate_version().await,
            Err(error) => Err(error),
        };
        match answered {
            Ok(engine) => return Ok(engine),
            Err(error) => tried.push(format!("{address}: {}", innermost(&error))),
        }
    }
    Err(TargetError::NoEngine { tried })
}

/// Where an engine may be, in order. An explicit `DOCKER_HOST` stands alone.
fn addresses() -> Vec<String> {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    if let Some(host) = variable("DOCKER_HOST") {
        return vec![host];
    }
    let mut sockets = vec!["/var/run/docker.sock".to_owned()];
    if let Some(runtime) = variable("XDG_RUNTIME_DIR") {
        sockets.push(format!("{runtime}/docker.sock"));
        sockets.push(format!("{runtime}/podman/podman.sock"));
    }
    if let Some(home) = variable("HOME") {
        sockets.push(format!("{home}/.docker/run/docker.sock"));
    }
    sockets.push("/run/podman/podman.sock".to_owned());
    sockets.into_iter().map(|socket| format!("unix://{socket}")).collect()
}

/// The container that coalmine itself runs in, by its host name, which engines set to the container's id.
pub(super) fn own_container() -> Option<String> {
    let inside = ["/.dockerenv", "/run/.containerenv"].iter().any(|path| std::path::Path::new(path).exists());
    let name = inside.then(|| std::fs::read_to_string("/etc/hostname").ok()).flatten()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The cause that says what happened; the outer ones only say that something did.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
