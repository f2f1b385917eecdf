//! Parameters of the methods on tasks.

use serde::Deserialize;
use serde_json::Value;

use super::RpcError;

/// Which task, for get, cancel and subscribe.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskRequest {
    pub(crate) id: String,
    pub(crate) history_length: Option<usize>,
}

/// Which tasks, for a list (1.0 §3.1.4).
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

impl TaskRequest {
    pub(crate) fn parse(params: Value) -> Result<Self, RpcError> {
        serde_json::from_value(params).map_err(|error| RpcError::invalid_params(error.to_string()))
    }
}

impl ListRequest {
    /// Tasks per page where the client does not say, and at most.
    const DEFAULT_PAGE: usize = 50;
    const MAX_PAGE: usize = 100;

    pub(crate) fn parse(params: Value) -> Result<Self, RpcError> {
        if params.is_null() {
            return Ok(Self::default());
        }
        serde_json::from_value(params).map_err(|error| RpcError::invalid_params(error.to_string()))
    }

    /// Where the page begins and how many tasks it holds.
    pub(crate) fn page(&self) -> Result<(usize, usize), RpcError> {
        let size = self.page_size.unwrap_or(Self::DEFAULT_PAGE);
        if !(1..=Self::MAX_PAGE).contains(&size) {
            return Err(RpcError::invalid_params(format!(
                "`pageSize` is not within 1 and {}",
                Self::MAX_PAGE
            )));
        }
        let token = self.page_token.as_deref().filter(|token| !token.is_empty()).unwrap_or("0");
        let start = token.parse().map_err(|_| RpcError::invalid_params("`pageToken` is not one of ours"))?;
        Ok((start, size))
    }
}
