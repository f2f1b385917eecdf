//! The ways in which a forge yields no usable answer.

use std::{
    fmt::{Display, Formatter, Result as Formatted},
    time::Duration,
};

/// The longest message of a forge that is kept, in characters.
const MAX_MESSAGE: usize = 400;

/// A call of a forge's API, for messages: a method and a path with its query. Credentials are never in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path from the server's root, percent-encoded, with the query.
    pub path: String,
}

impl Display for Call {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// The reason why a call of a forge failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{call}`: {}{}{message}", status.map(|status| format!("HTTP status {status}: ")).unwrap_or_default(), kind.lead())]
pub struct ForgeError {
    /// The call.
    pub call: Call,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The forge's own message or ours, of at most a few hundred characters. It is not escaped.
    pub message: String,
}

/// What went wrong with a call of a forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Nothing listens there, or the connection ended or the time was up before the answer was complete.
    Unreachable,
    /// 401: the forge knows no such token, or needs one.
    Unauthorized,
    /// 403: the token may not do this.
    Forbidden,
    /// 404: there is no such thing, or the token may not see it.
    Missing,
    /// 409: the thing exists or has changed.
    Conflict,
    /// 400, 405, 422 and the other 4xx: the forge does not do this.
    Refused,
    /// 429, and a 403 of GitHub that says so.
    RateLimited {
        /// What `Retry-After` said.
        retry_after: Option<Duration>,
    },
    /// 5xx.
    Server,
    /// 3xx: redirects are not followed, because the credentials are for one origin.
    Redirected,
    /// The answer is not JSON, or not all of it.
    NotJson,
    /// The answer is JSON, but not what the API promises.
    Unexpected,
    /// The answer, the list or the file is larger than the limit.
    TooLarge,
    /// What was read has changed in the meantime.
    Changed,
    /// The path names a folder, a symbolic link or a submodule.
    NotAFile,
    /// The call was not made, because one of its arguments cannot be right.
    Invalid,
    /// This version of the forge cannot do it, or this client cannot do it there.
    Unsupported,
}

impl ErrorKind {
    /// Returns the kind that an HTTP status of failure means.
    pub(super) fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            300..=399 => Self::Redirected,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::Missing,
            409 => Self::Conflict,
            429 => Self::RateLimited { retry_after },
            500..=599 => Self::Server,
            _ => Self::Refused,
        }
    }

    /// Returns the words before the message.
    fn lead(self) -> &'static str {
        match self {
            Self::Unreachable => "the forge gave no answer: ",
            Self::NotJson => "the answer is not JSON: ",
            Self::Unexpected => "the answer is not what the API promises: ",
            Self::Redirected => "the forge redirects: ",
            _ => "",
        }
    }

    /// Returns what to do next, in the imperative.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Unreachable => "check the address of the forge and whether it is up, then try again",
            Self::Unauthorized => "set COALMINE_FORGE_TOKEN to a valid token of this forge",
            Self::Forbidden => "use a token with more permissions: protections need a repository admin's",
            Self::Missing => "check the name, and whether the token may see the repository",
            Self::Conflict => "look at what exists already, then try again",
            Self::Refused => "read the forge's message; the request itself has to change",
            Self::RateLimited { .. } => "wait as long as the forge asks, then try again",
            Self::Server => "look into the forge's own log, and try again later",
            Self::Redirected => "use the address that the forge redirects to",
            Self::NotJson => {
                "check that the address is the forge's, with its path, and not a login page or a proxy"
            }
            Self::Unexpected => {
                "check that the address is a Gitea, Forgejo or GitHub server of a known version"
            }
            Self::TooLarge => "narrow what is asked for",
            Self::Changed => "look at what changed, then start again",
            Self::NotAFile => "put a regular file there",
            Self::Invalid => "correct the name",
            Self::Unsupported => "do this step by hand on the forge, or use a newer version of it",
        }
    }
}

impl ForgeError {
    /// Returns an error without an answer.
    pub(super) fn new(call: Call, kind: ErrorKind, message: impl AsRef<str>) -> Self {
        Self { call, status: None, kind, message: bounded(message.as_ref()) }
    }

    /// Returns an error about an answer.
    pub(super) fn answered(call: Call, status: u16, kind: ErrorKind, message: impl AsRef<str>) -> Self {
        Self { status: Some(status), ..Self::new(call, kind, message) }
    }

    /// Returns the error of reading back what was written, which says that it was.
    pub(super) fn after_write(self) -> Self {
        let message = format!("it was written, but not read back: {}", self.message);
        Self { message: bounded(&message), ..self }
    }

    /// Returns whether there is no such thing.
    pub fn is_missing(&self) -> bool {
        self.kind == ErrorKind::Missing
    }

    /// Returns what to do next, in the imperative.
    pub fn hint(&self) -> &'static str {
        self.kind.hint()
    }
}

/// Cuts a text to [`MAX_MESSAGE`] characters.
fn bounded(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
