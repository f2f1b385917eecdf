//! The parameters of the methods on tasks.

use serde::Deserialize;
use serde_json::Value;

use super::RpcError;

/// The task to get, cancel or subscribe to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskRequest {
    pub(crate) id: String,
    pub(crate) history_length: Option<usize>,
}

/// The tasks to list (1.0 §3.1.4).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ListRequest {
    pub(crate) context_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) page_size: Option<usize>,
    pub(crate) page_token: Option<String>,
    pub(crate) history_length: Option<usize>,
    pub(crate) include_artifacts: bool,
}

/// A range of the list of tasks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// The index of the first task.
    pub(crate) start: usize,
    /// The largest number of tasks.
    pub(crate) size: usize,
}

impl TaskRequest {
    pub(crate) fn parse(params: Value) -> Result<Self, RpcError> {
        serde_json::from_value(params).map_err(|error| RpcError::invalid_params(error.to_string()))
    }
}

impl ListRequest {
    const DEFAULT_PAGE_SIZE: usize = 50;
    const MAX_PAGE_SIZE: usize = 100;

    pub(crate) fn parse(params: Value) -> Result<Self, RpcError> {
        if params.is_null() {
            return Ok(Self::default());
        }
        serde_json::from_value(params).map_err(|error| RpcError::invalid_params(error.to_string()))
    }

    /// Returns the page that the client wants.
    pub(crate) fn page(&self) -> Result<Page, RpcError> {
        let size = self.page_size.unwrap_or(Self::DEFAULT_PAGE_SIZE);
        if !(1..=Self::MAX_PAGE_SIZE).contains(&size) {
            return Err(RpcError::invalid_params(format!(
                "`pageSize` is `{size}`: expected 1 to {}",
                Self::MAX_PAGE_SIZE
            )));
        }
        let token = self.page_token.as_deref().filter(|token| !token.is_empty()).unwrap_or("0");
        let start = token.parse().map_err(|_| {
            RpcError::invalid_params("unknown `pageToken`: use a `nextPageToken` of an answer")
        })?;
        Ok(Page { start, size })
    }
}
