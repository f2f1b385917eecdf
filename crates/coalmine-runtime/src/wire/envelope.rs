//! The JSON-RPC 2.0 envelope of every request and answer.

use serde_json::{Value, json};

use super::{Dialect, ErrorKind, RpcError};

/// A request with a valid envelope.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Value,
}

/// An invalid envelope.
#[derive(Debug)]
pub(crate) struct EnvelopeError {
    /// The id to answer: that of the request, or null if it has no valid one.
    pub(crate) id: Value,
    pub(crate) error: RpcError,
}

impl Request {
    /// Reads the envelope.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            EnvelopeError::new(Value::Null, ErrorKind::Parse, format!("not JSON: {error}"))
        })?;
        let Value::Object(mut fields) = value else {
            return Err(EnvelopeError::invalid(Value::Null, "the request is not an object"));
        };
        let id = match fields.remove("id").unwrap_or_default() {
            id @ (Value::Null | Value::String(_) | Value::Number(_)) => id,
            _ => return Err(EnvelopeError::invalid(Value::Null, "`id` is neither a string nor a number")),
        };
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(EnvelopeError::invalid(id, "`jsonrpc` is not \"2.0\""));
        }
        let Some(Value::String(method)) = fields.remove("method") else {
            return Err(EnvelopeError::invalid(id, "`method` is not a string"));
        };
        Ok(Self { id, method, params: fields.remove("params").unwrap_or_default() })
    }
}

impl EnvelopeError {
    fn new(id: Value, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { id, error: RpcError::new(kind, message) }
    }

    fn invalid(id: Value, message: &str) -> Self {
        Self::new(id, ErrorKind::InvalidRequest, message)
    }
}

/// Returns the answer to a request that succeeded.
pub(crate) fn success(id: &Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// Returns the answer to a request that failed.
pub(crate) fn failure(id: &Value, dialect: Dialect, error: &RpcError) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": error.render(dialect) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the id and the code of the error for this body.
    fn rejected(body: &[u8]) -> (Value, i64) {
        let EnvelopeError { id, error } = Request::parse(body).unwrap_err();
        (id, error.render(Dialect::V0_3)["code"].as_i64().unwrap())
    }

    #[test]
    fn reads_a_valid_envelope() {
        let request = Request::parse(br#"{"jsonrpc":"2.0","id":"a","method":"m","params":{"x":1}}"#).unwrap();
        assert_eq!((request.id, request.method.as_str(), request.params), (json!("a"), "m", json!({"x":1})));
    }

    #[test]
    fn rejects_an_invalid_envelope_with_its_code_and_id() {
        assert_eq!(rejected(b"{"), (Value::Null, -32700));
        assert_eq!(rejected(b"[]"), (Value::Null, -32600));
        assert_eq!(rejected(b"7"), (Value::Null, -32600));
        assert_eq!(rejected(br#"{"id":1,"method":"m"}"#), (json!(1), -32600));
        assert_eq!(rejected(br#"{"jsonrpc":"2.0","id":{},"method":"m"}"#), (Value::Null, -32600));
        assert_eq!(rejected(br#"{"jsonrpc":"2.0","id":2,"method":3}"#), (json!(2), -32600));
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_not_json() {
        assert_eq!(rejected(b"\"\xff\""), (Value::Null, -32700));
    }
}
