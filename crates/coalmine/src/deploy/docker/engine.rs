//! The connection to the container engine.

use bollard::{API_DEFAULT_VERSION, Docker as Engine};

use super::super::TargetError;

/// The longest that one request to the engine may take, in seconds; a pull answers piece by piece.
const TIMEOUT: u64 = 120;

/// Connects to the first engine that answers at one of these addresses.
pub(in crate::deploy) async fn connect(addresses: &[String]) -> Result<Engine, TargetError> {
    let mut tried = vec![];
    for address in addresses {
        let opened = match address.strip_prefix("unix://") {
            Some(path) => Engine::connect_with_unix(path, TIMEOUT, API_DEFAULT_VERSION),
            None if address.starts_with("tcp://") || address.starts_with("http://") => {
                Engine::connect_with_http(address, TIMEOUT, API_DEFAULT_VERSION)
            }
            None => {
                tried.push(format!("{address}: expected `unix://` or `tcp://`"));
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

/// Returns the container that coalmine itself runs in, by its host name, which engines set to the container's
/// id.
pub(super) fn own_container() -> Option<String> {
    if !["/.dockerenv", "/run/.containerenv"].iter().any(|path| std::path::Path::new(path).exists()) {
        return None;
    }
    let name = std::fs::read_to_string("/etc/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Returns the innermost cause, which says what happened; the outer ones only say that something did.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
