//! A2A over JSON-RPC, as far as a peer needs it: methods, dialects, errors.

use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    V0_3,
    V1_0,
}

impl Dialect {
    /// Of the `A2A-Version` header; none means 0.3 (1.0 §3.6).
    pub(super) fn of_header(version: &str) -> Result<Self, Refusal> {
        let mut numbers = version.trim().split('.');
        match (numbers.next(), numbers.next()) {
            (Some(""), None) | (Some("0"), Some("3")) => Ok(Self::V0_3),
            (Some("1"), Some("0")) => Ok(Self::V1_0),
            _ => Err(Refusal::new(VERSION, "versions 1.0 and 0.3 are supported")),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V0_3 => "a2a-0.3",
            Self::V1_0 => "a2a-1.0",
        }
    }
}

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
    pub(super) fn read(name: &str) -> Option<(Dialect, Self)> {
        use Dialect::{V0_3, V1_0};
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

/// A code with its reason in words (1.0 §9.5).
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

/// An error that is the answer.
#[derive(Debug)]
pub(super) struct Refusal {
    code: Code,
    pub(super) message: &'static str,
}

impl Refusal {
    pub(super) fn new(code: Code, message: &'static str) -> Self {
        Self { code, message }
    }
}

/// A request in an envelope that is in order.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Value,
}

impl Request {
    /// Reads a request; a bare `{method, params}` gets its envelope where `bare` allows it. An error comes with the id
    /// to answer to.
    pub(super) fn read(body: &[u8], bare: bool) -> Result<Self, (Value, Refusal)> {
        let wrong = |id: Value, message| (id, Refusal::new(REQUEST, message));
        let mut request: Value = serde_json::from_slice(body)
            .map_err(|_| (Value::Null, Refusal::new(PARSE, "the body is no JSON")))?;
        let Some(fields) = request.as_object_mut() else {
            return Err(wrong(Value::Null, "the request is no object"));
        };
        if bare && !fields.contains_key("jsonrpc") {
            fields.insert("jsonrpc".into(), json!("2.0"));
            fields.entry("id").or_insert_with(|| json!(Uuid::new_v4()));
        }
        let id = match fields.remove("id").unwrap_or_default() {
            id @ (Value::Null | Value::String(_) | Value::Number(_)) => id,
            _ => return Err(wrong(Value::Null, "`id` is neither a text nor a number")),
        };
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(wrong(id, "`jsonrpc` is not `2.0`"));
        }
        match fields.remove("method") {
            Some(Value::String(method)) => {
                Ok(Self { id, method, params: fields.remove("params").unwrap_or_default() })
            }
            _ => Err(wrong(id, "`method` is missing")),
        }
    }
}

pub(super) fn success(id: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// In 1.0 `data` is a list of typed details.
pub(super) fn failure(id: &Value, dialect: Dialect, problem: &Refusal) -> Value {
    let (code, reason) = problem.code;
    let mut error = json!({ "code": code, "message": problem.message });
    if dialect == Dialect::V1_0 {
        let info = "type.googleapis.com/google.rpc.ErrorInfo";
        error["data"] =
            json!([{ "@type": info, "reason": reason, "domain": "a2a-protocol.org", "metadata": {} }]);
    }
    json!({ "jsonrpc": "2.0", "id": id, "error": error })
}
