//! The errors of the model.
use std::time::Duration;

use reqwest::StatusCode;

use crate::http::error_chain;

/// Why the model gave no answer. The client reads the text in the status of the failed task.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("could not ask the model: `OPENAI_BASE_URL` is not set")]
    NotConfigured,
    #[error("could not reach the model: {0}")]
    Unreachable(String),
    #[error("the model answered {status}: {body}")]
    Refused { status: StatusCode, body: String },
    #[error("the model did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    #[error("the model's answer was cut off")]
    CutOff,
    #[error("the model's answer is invalid: {0}")]
    Invalid(String),
    #[error("the model's answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl From<reqwest::Error> for ModelError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error_chain(&error))
    }
}
