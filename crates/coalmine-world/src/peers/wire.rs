//! A2A over JSON-RPC, as far as a peer needs it: versions, methods, envelopes and errors.

use serde_json::{Value, json};
use uuid::Uuid;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V0_3,
    V1_0,
}

impl Version {
    /// Reads the `A2A-Version` header; an empty one means 0.3 (1.0 §3.6).
    pub(super) fn from_header(version: &str) -> Result<Self, RpcError> {
        let mut numbers = version.trim().split('.');
        match (numbers.next(), numbers.next()) {
            (Some(""), None) | (Some("0"), Some("3")) => Ok(Self::V0_3),
            (Some("1"), Some("0")) => Ok(Self::V1_0),
            _ => Err(RpcError::new(VERSION, "versions 1.0 and 0.3 are supported")),
        }
    }

    /// Returns the name used in the journal.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V0_3 => "a2a-0.3",
            Self::V1_0 => "a2a-1.0",
        }
    }
}

/// A method that a peer knows, even if it does not support it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Send,
    Stream,
    Get,
    Cancel,
    Subscribe,
    List,
    Push,
    ExtendedCard,
}

impl Method {
    /// Returns the method of this name, and the version that it belongs to.
    pub(super) fn parse(name: &str) -> Option<(Version, Self)> {
        use Version::{V0_3, V1_0};
        Some(match name {
            "message/send" => (V0_3, Self::Send),
            "message/stream" => (V0_3, Self::Stream),
            "tasks/get" => (V0_3, Self::Get),
            "tasks/cancel" => (V0_3, Self::Cancel),
            "tasks/resubscribe" => (V0_3, Self::Subscribe),
            "agent/getAuthenticatedExtendedCard" => (V0_3, Self::ExtendedCard),
            "SendMessage" => (V1_0, Self::Send),
            "SendStreamingMessage" => (V1_0, Self::Stream),
            "GetTask" => (V1_0, Self::Get),
            "ListTasks" => (V1_0, Self::List),
            "CancelTask" => (V1_0, Self::Cancel),
            "SubscribeToTask" => (V1_0, Self::Subscribe),
            "GetExtendedAgentCard" => (V1_0, Self::ExtendedCard),
            _ if name.starts_with("tasks/pushNotificationConfig/") => (V0_3, Self::Push),
            _ if name.contains("TaskPushNotificationConfig") => (V1_0, Self::Push),
            _ => return None,
        })
    }
}

/// An error code with its reason (1.0 §9.5).
type Code = (i32, &'static str);

pub(super) const PARSE: Code = (-32700, "PARSE_ERROR");
pub(super) const REQUEST: Code = (-32600, "INVALID_REQUEST");
pub(super) const METHOD: Code = (-32601, "METHOD_NOT_FOUND");
pub(super) const PARAMS: Code = (-32602, "INVALID_PARAMS");
pub(super) const NO_TASK: Code = (-32001, "TASK_NOT_FOUND");
pub(super) const NOT_CANCELABLE: Code = (-32002, "TASK_NOT_CANCELABLE");
pub(super) const NO_PUSH: Code = (-32003, "PUSH_NOTIFICATION_NOT_SUPPORTED");
pub(super) const UNSUPPORTED: Code = (-32004, "UNSUPPORTED_OPERATION");
pub(super) const NO_EXTENDED_CARD: Code = (-32007, "EXTENDED_AGENT_CARD_NOT_CONFIGURED");
pub(super) const VERSION: Code = (-32009, "VERSION_NOT_SUPPORTED");

/// An error to respond with.
#[derive(Debug)]
pub(super) struct RpcError {
    code: Code,
    pub(super) message: &'static str,
}

impl RpcError {
    pub(super) fn new(code: Code, message: &'static str) -> Self {
        Self { code, message }
    }
}

/// A request whose envelope is valid.
#[derive(Debug)]
pub(super) struct RpcRequest {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Value,
}

/// A request that cannot be parsed.
#[derive(Debug)]
pub(super) struct InvalidRequest {
    /// The id to respond to; null if it is unknown.
    pub(super) id: Value,
    pub(super) error: RpcError,
}

impl RpcRequest {
    /// Parses a request. If `allow_bare`, `{method, params}` without an envelope is accepted. An error comes
    /// with the id to respond to.
    pub(super) fn parse(body: &[u8], allow_bare: bool) -> Result<Self, InvalidRequest> {
        let invalid = |id, message| InvalidRequest { id, error: RpcError::new(REQUEST, message) };
        let mut request: Value = serde_json::from_slice(body).map_err(|_| {
            let error = RpcError::new(PARSE, "the body is not valid JSON");
            InvalidRequest { id: Value::Null, error }
        })?;
        let Some(fields) = request.as_object_mut() else {
            return Err(invalid(Value::Null, "the request is not an object"));
        };
        if allow_bare && !fields.contains_key("jsonrpc") {
            fields.insert("jsonrpc".into(), json!("2.0"));
            fields.entry("id").or_insert_with(|| json!(Uuid::new_v4()));
        }
        let id = match fields.remove("id").unwrap_or_default() {
            id @ (Value::Null | Value::String(_) | Value::Number(_)) => id,
            _ => return Err(invalid(Value::Null, "`id` is neither a string nor a number")),
        };
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(invalid(id, "`jsonrpc` is not `2.0`"));
        }
        match fields.remove("method") {
            Some(Value::String(method)) => {
                Ok(Self { id, method, params: fields.remove("params").unwrap_or_default() })
            }
            _ => Err(invalid(id, "`method` is missing")),
        }
    }
}

/// Writes the envelope of a result.
pub(super) fn success(id: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// Writes the envelope of an error. In 1.0, `data` is a list of typed details.
pub(super) fn failure(id: &Value, version: Version, error: &RpcError) -> Value {
    let (code, reason) = error.code;
    let mut body = json!({ "code": code, "message": error.message });
    if version == Version::V1_0 {
        let info = "type.googleapis.com/google.rpc.ErrorInfo";
        body["data"] =
            json!([{ "@type": info, "reason": reason, "domain": "a2a-protocol.org", "metadata": {} }]);
    }
    json!({ "jsonrpc": "2.0", "id": id, "error": body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_selects_the_version() {
        let version = |header| Version::from_header(header).ok();
        assert_eq!([version(""), version("0.3"), version("0.3.0")], [Some(Version::V0_3); 3]);
        assert_eq!((version("1.0"), version(" 1.0.1 ")), (Some(Version::V1_0), Some(Version::V1_0)));
        assert_eq!((version("2.0"), version("1"), version("?")), (None, None, None));
    }

    #[test]
    fn accepts_bare_requests_only_if_allowed() {
        let bare = br#"{"method": "message/send", "params": {}}"#;
        assert_eq!(RpcRequest::parse(bare, true).unwrap().method, "message/send");
        assert_eq!(RpcRequest::parse(bare, false).unwrap_err().error.code, REQUEST);
    }

    #[test]
    fn errors_keep_the_id_if_it_is_known() {
        let id_and_code = |body: &str| {
            let invalid = RpcRequest::parse(body.as_bytes(), false).unwrap_err();
            (invalid.id, invalid.error.code)
        };
        assert_eq!(id_and_code("{"), (Value::Null, PARSE));
        assert_eq!(id_and_code("[]"), (Value::Null, REQUEST));
        assert_eq!(id_and_code(r#"{"jsonrpc": "2.0", "id": []}"#), (Value::Null, REQUEST));
        assert_eq!(id_and_code(r#"{"jsonrpc": "1.0", "id": 7}"#), (json!(7), REQUEST));
        assert_eq!(id_and_code(r#"{"jsonrpc": "2.0", "id": "a"}"#), (json!("a"), REQUEST));
    }
}
