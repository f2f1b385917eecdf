//! JSON-RPC 2.0: the envelope of every request and answer.

use serde_json::{Value, json};

use super::{Dialect, ErrorKind, RpcError};

/// A request whose envelope is in order.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Value,
}

impl Request {
    /// Reads the envelope.
    ///
    /// # Errors
    /// The error with the id to answer it to: the request's, or null where there is none to be read.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, (Value, RpcError)> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| (Value::Null, RpcError::new(ErrorKind::Parse, format!("not JSON: {error}"))))?;
        let Value::Object(mut fields) = value else {
            return Err((
                Value::Null,
                RpcError::new(ErrorKind::InvalidRequest, "the request is not an object"),
            ));
        };
        let id = match fields.remove("id").unwrap_or_default() {
            id @ (Value::Null | Value::String(_) | Value::Number(_)) => id,
            _ => {
                let error = RpcError::new(ErrorKind::InvalidRequest, "`id` is neither a string nor a number");
                return Err((Value::Null, error));
            }
        };
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err((id, RpcError::new(ErrorKind::InvalidRequest, "`jsonrpc` is not \"2.0\"")));
        }
        let Some(Value::String(method)) = fields.remove("method") else {
            return Err((id, RpcError::new(ErrorKind::InvalidRequest, "`method` is not a string")));
        };
        Ok(Self { id, method, params: fields.remove("params").unwrap_or_default() })
    }
}

/// The answer to a request that went well.
pub(crate) fn success(id: &Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// The answer to a request that did not.
pub(crate) fn failure(id: &Value, dialect: Dialect, error: &RpcError) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": error.render(dialect) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> (Value, i64) {
        let (id, error) = Request::parse(body.as_bytes()).unwrap_err();
        (id, error.render(Dialect::V0_3)["code"].as_i64().unwrap())
    }

    #[test]
    fn a_good_envelope_is_taken_apart() {
        let request = Request::parse(br#"{"jsonrpc":"2.0","id":"a","method":"m","params":{"x":1}}"#).unwrap();
        assert_eq!((request.id, request.method.as_str(), request.params), (json!("a"), "m", json!({"x":1})));
    }

    #[test]
    fn a_bad_envelope_is_refused_with_its_code_and_id() {
        assert_eq!(code("{"), (Value::Null, -32700));
        assert_eq!(code("[]"), (Value::Null, -32600));
        assert_eq!(code("7"), (Value::Null, -32600));
        assert_eq!(code(r#"{"id":1,"method":"m"}"#), (json!(1), -32600));
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":{},"method":"m"}"#), (Value::Null, -32600));
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":2,"method":3}"#), (json!(2), -32600));
    }

    #[test]
    fn bytes_that_are_no_text_are_no_json() {
        assert_eq!(Request::parse(b"\"\xff\"").unwrap_err().1.render(Dialect::V1_0)["code"], -32700);
    }
}
