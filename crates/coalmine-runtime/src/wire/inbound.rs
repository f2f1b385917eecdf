//! Incoming messages, in either dialect.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Dialect, RpcError, part};
use crate::task::{Incoming, Role};

/// The parameters of a method that sends a message.
#[derive(Debug)]
pub(crate) struct SendRequest {
    pub(crate) incoming: Incoming,
    /// Whether the answer waits until the task is over.
    pub(crate) blocking: bool,
    pub(crate) history_length: Option<usize>,
}

#[derive(Deserialize)]
struct Params {
    message: Message,
    configuration: Option<Configuration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    role: String,
    kind: Option<String>,
    parts: Vec<Value>,
    context_id: Option<String>,
    task_id: Option<String>,
    metadata: Option<Value>,
    extensions: Option<Value>,
    reference_task_ids: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    blocking: Option<bool>,
    return_immediately: Option<bool>,
    history_length: Option<usize>,
}

impl SendRequest {
    /// Reads the parameters. Unknown fields are ignored (1.0 §5.7).
    pub(crate) fn parse(dialect: Dialect, params: Value) -> Result<Self, RpcError> {
        let params: Params =
            serde_json::from_value(params).map_err(|error| RpcError::invalid_params(error.to_string()))?;
        let configuration = params.configuration.unwrap_or_default();
        let blocking = match dialect {
            Dialect::V0_3 => configuration.blocking.unwrap_or(true),
            Dialect::V1_0 => !configuration.return_immediately.unwrap_or(false),
        };
        let incoming = params.message.read(dialect)?;
        Ok(Self { incoming, blocking, history_length: configuration.history_length })
    }
}

impl Message {
    fn read(self, dialect: Dialect) -> Result<Incoming, RpcError> {
        if self.message_id.is_empty() {
            return Err(RpcError::invalid_params("`messageId` is empty"));
        }
        if self.role != dialect.role(Role::User) {
            return Err(RpcError::invalid_params(format!("`role` is `{}`: expected the user's", self.role)));
        }
        if self.kind.as_deref().is_some_and(|kind| kind != "message") {
            return Err(RpcError::invalid_params("`kind` is not `message`"));
        }
        if self.parts.is_empty() {
            return Err(RpcError::invalid_params("`parts` is empty"));
        }
        let extras = [
            ("metadata", self.metadata),
            ("extensions", self.extensions),
            ("referenceTaskIds", self.reference_task_ids),
        ];
        Ok(Incoming {
            message_id: self.message_id,
            context_id: self.context_id.filter(|id| !id.is_empty()),
            task_id: self.task_id.filter(|id| !id.is_empty()),
            parts: self.parts.into_iter().map(|part| part::parse(dialect, part)).collect::<Result<_, _>>()?,
            version: dialect.version(),
            extras: extras
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)))
                .collect::<Map<_, _>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(parts: Value) -> Value {
        json!({ "message": { "messageId": "m", "role": "user", "contextId": "", "parts": parts } })
    }

    #[test]
    fn empty_context_counts_as_none() {
        let request =
            SendRequest::parse(Dialect::V0_3, message(json!([{"kind":"text","text":"x"}]))).unwrap();
        assert_eq!(request.incoming.context_id, None);
        assert!(request.blocking);
    }

    #[test]
    fn rejects_invalid_messages() {
        for params in [
            json!(null),
            json!({}),
            message(json!([])),
            message(json!([{"text":"1.0 part in a 0.3 message"}])),
            json!({ "message": { "messageId": "", "role": "user", "parts": [{"kind":"text","text":"x"}] } }),
            json!({ "message": { "messageId": "m", "role": "ROLE_USER", "parts": [{"kind":"text","text":"x"}] } }),
            json!({ "message": { "messageId": "m", "role": "user", "kind": "task", "parts": [{"kind":"text","text":"x"}] } }),
        ] {
            let error = SendRequest::parse(Dialect::V0_3, params.clone()).unwrap_err();
            assert_eq!(error.render(Dialect::V0_3)["code"], -32602, "{params}");
        }
    }
}
