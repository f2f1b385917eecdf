//! Why the model gave no answer.

use std::time::Duration;

use reqwest::StatusCode;

use crate::cause::cause;

/// The text of each is what the client reads in the failed task's status.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("there is no model to ask: `OPENAI_BASE_URL` is not set")]
    NotConfigured,
    #[error("the model could not be reached: {0}")]
    Unreachable(String),
    #[error("the model answered {status}: {body}")]
    Refused { status: StatusCode, body: String },
    #[error("the model did not answer within {} ms", .0.as_millis())]
    GivenUp(Duration),
    #[error("the model's answer was cut off")]
    Cut,
    #[error("the model's answer cannot be read: {0}")]
    Unreadable(String),
    #[error("the model's answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl From<reqwest::Error> for ModelError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(cause(&error))
    }
}
