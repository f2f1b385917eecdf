//! JSON-RPC errors.

use serde_json::{Value, json};

use super::Dialect;
use crate::{attachment::FileError, task::AdmitError};

/// The kinds of errors that the protocol distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    Parse,
    InvalidRequest,
    MethodNotFound,
    InvalidParams,
    TaskNotFound,
    TaskNotCancelable,
    PushNotificationNotSupported,
    UnsupportedOperation,
    ExtendedCardNotConfigured,
    ContentTypeNotSupported,
    VersionNotSupported,
}

/// An error that is sent to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RpcError {
    kind: ErrorKind,
    message: String,
}

impl RpcError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidParams, message)
    }

    /// Returns the `error` member. In 1.0, `data` is an array of typed details (§9.5); 0.3 leaves it open.
    pub(crate) fn render(&self, dialect: Dialect) -> Value {
        let (code, reason) = self.kind.code_and_reason();
        let data = match dialect {
            Dialect::V0_3 => Value::Null,
            Dialect::V1_0 => json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "a2a-protocol.org",
                "metadata": {},
            }]),
        };
        json!({ "code": code, "message": self.message, "data": data })
    }
}

impl From<AdmitError> for RpcError {
    fn from(error: AdmitError) -> Self {
        let kind = match error {
            AdmitError::UnknownTask(_) => ErrorKind::TaskNotFound,
            AdmitError::OtherContext(_) => ErrorKind::InvalidParams,
            AdmitError::TaskOver(_) => ErrorKind::UnsupportedOperation,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<FileError> for RpcError {
    fn from(error: FileError) -> Self {
        Self::invalid_params(error.to_string())
    }
}

impl ErrorKind {
    fn code_and_reason(self) -> (i32, &'static str) {
        match self {
            Self::Parse => (-32700, "PARSE_ERROR"),
            Self::InvalidRequest => (-32600, "INVALID_REQUEST"),
            Self::MethodNotFound => (-32601, "METHOD_NOT_FOUND"),
            Self::InvalidParams => (-32602, "INVALID_PARAMS"),
            Self::TaskNotFound => (-32001, "TASK_NOT_FOUND"),
            Self::TaskNotCancelable => (-32002, "TASK_NOT_CANCELABLE"),
            Self::PushNotificationNotSupported => (-32003, "PUSH_NOTIFICATION_NOT_SUPPORTED"),
            Self::UnsupportedOperation => (-32004, "UNSUPPORTED_OPERATION"),
            Self::ExtendedCardNotConfigured => (-32007, "EXTENDED_AGENT_CARD_NOT_CONFIGURED"),
            Self::ContentTypeNotSupported => (-32005, "CONTENT_TYPE_NOT_SUPPORTED"),
            Self::VersionNotSupported => (-32009, "VERSION_NOT_SUPPORTED"),
        }
    }
}
