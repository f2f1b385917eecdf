//! Why a turn ended without an answer. The text is what the client reads in the failed task's status.

use crate::{attachment::FileError, model::ModelError, session::StoreError};

#[derive(Debug, thiserror::Error)]
pub(super) enum TurnError {
    /// The task was canceled or has failed, or the runtime stops.
    #[error("the runtime is shutting down")]
    Stopped,
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("the memory cannot be used: {0}")]
    Memory(#[from] std::io::Error),
    #[error("the model called tools {0} times in a row without an answer")]
    TooManyRounds(usize),
}
