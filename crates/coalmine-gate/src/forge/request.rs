//! A request to a forge's API, and its answer.

use bytes::Bytes;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    error::{Call, ErrorKind, ForgeError},
    path::Path,
};

/// A request, before it is encoded.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: Path,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
}

impl Request {
    pub(super) fn get(path: Path) -> Self {
        Self { method: Method::GET, path, query: vec![], body: None }
    }

    pub(super) fn write(method: Method, path: Path, body: Option<Value>) -> Self {
        Self { method, path, query: vec![], body }
    }

    pub(super) fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }
}

/// An answer of success, with its whole body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) call: Call,
    pub(super) status: u16,
    /// `X-Total-Count`.
    pub(super) total: Option<u64>,
    /// Whether `Link` names a next page.
    pub(super) next: bool,
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

impl Answer {
    /// Reads the body.
    ///
    /// # Errors
    /// The body is not JSON, or lacks what the API promises.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ForgeError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let kind = if error.is_data() { ErrorKind::Unexpected } else { ErrorKind::NotJson };
            let message = format!("{error}, in {} bytes of `{}`", self.body.len(), self.content_type);
            self.error(kind, message)
        })
    }

    /// Returns an error about this answer.
    pub(super) fn error(&self, kind: ErrorKind, message: impl AsRef<str>) -> ForgeError {
        ForgeError::answered(self.call.clone(), self.status, kind, message)
    }
}
