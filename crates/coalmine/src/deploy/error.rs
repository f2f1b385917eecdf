//! Why a runtime could not be started.

use crate::event::Code;

/// Why a runtime could not be started.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TargetError {
    /// No container engine answers.
    #[error("no container engine answers")]
    NoEngine {
        /// Every address that was tried, with what happened there.
        tried: Vec<String>,
    },
    /// The image does not exist.
    #[error("there is no image `{image}`")]
    NoImage {
        /// The image, as given.
        image: String,
        /// What the engine said.
        cause: String,
    },
    /// The engine refused.
    #[error("the container engine refused to {what}: {cause}")]
    Engine {
        /// What was asked of it.
        what: &'static str,
        /// What it said.
        cause: String,
    },
    /// The command does not start.
    #[error("could not start `{command}`: {cause}")]
    Command {
        /// The command as given.
        command: String,
        /// Why.
        cause: String,
    },
    /// The sandbox cannot be made.
    #[error("could not start the sandbox: {cause}")]
    Sandbox {
        /// Why.
        cause: String,
    },
    /// A folder or file cannot be created.
    #[error("could not prepare {what}: {cause}")]
    Disk {
        /// What it is for.
        what: String,
        /// Why.
        cause: String,
    },
    /// A runtime that someone else started cannot be restarted.
    #[error("the runtime was started by someone else, so it cannot be restarted from here")]
    NotOurs,
}

impl TargetError {
    /// Returns the diagnosis code.
    pub fn code(&self) -> Code {
        match self {
            Self::NoEngine { .. } => Code::BootNoEngine,
            Self::NoImage { .. } => Code::BootImageMissing,
            _ => Code::BootStartFailed,
        }
    }

    pub(crate) fn engine(what: &'static str) -> impl FnOnce(bollard::errors::Error) -> Self {
        move |error| Self::Engine { what, cause: error.to_string() }
    }

    pub(crate) fn disk(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |error| Self::Disk { what, cause: error.to_string() }
    }
}
