//! The JSON-RPC 2.0 binding (0.3 §3.2.1, 1.0 §9): one address, the operation in `method`, errors as numbers.

#[cfg(test)]
mod tests;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Binding, HttpRequest, WireCall};
use crate::{Ask, Dialect, Drift, Refusal, View, WireError, payload, read_json};

/// The JSON-RPC binding, which is also what cards without a binding mean.
pub const JSON_RPC: &dyn Binding = &JsonRpc;

/// The longest message of a server that is kept, in characters.
const MAX_MESSAGE: usize = 400;

#[derive(Debug)]
struct JsonRpc;

impl Binding for JsonRpc {
    fn name(&self) -> &'static str {
        "JSONRPC"
    }

    fn request(&self, call: &WireCall<'_>) -> HttpRequest {
        let WireCall { endpoint, ask, id, .. } = call;
        let method = method(*ask, endpoint.dialect);
        let params = payload(*ask, endpoint.dialect, endpoint.tenant.as_deref());
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let version = endpoint.dialect.version_header();
        let content_type = ("Content-Type", "application/json");
        HttpRequest {
            method: Method::POST,
            name: method.to_owned(),
            url: endpoint.url.clone(),
            headers: version.into_iter().chain([content_type]).collect(),
            body: body.to_string().into(),
        }
    }

    fn read_answer(
        &self,
        call: &WireCall<'_>,
        status: u16,
        body: &[u8],
        view: &mut View,
    ) -> Result<(), WireError> {
        // an answer may come with any status; without one, the status is the news
        if !(200..300).contains(&status) && !is_envelope(body) {
            return Err(WireError::http(status, body));
        }
        let result = read_result(call, body, view)?;
        view.absorb_answer(call.endpoint.dialect, call.ask, &result);
        Ok(())
    }

    fn read_event(&self, call: &WireCall<'_>, data: &[u8], view: &mut View) -> Result<(), WireError> {
        let result = read_result(call, data, view)?;
        view.absorb_event(call.endpoint.dialect, &result);
        Ok(())
    }
}

fn method(ask: Ask<'_>, dialect: Dialect) -> &'static str {
    match (ask, dialect) {
        (Ask::Send(_), Dialect::V0_3) => "message/send",
        (Ask::Send(_), Dialect::V1_0) => "SendMessage",
        (Ask::Stream(_), Dialect::V0_3) => "message/stream",
        (Ask::Stream(_), Dialect::V1_0) => "SendStreamingMessage",
        (Ask::Task(_), Dialect::V0_3) => "tasks/get",
        (Ask::Task(_), Dialect::V1_0) => "GetTask",
        (Ask::Cancel(_), Dialect::V0_3) => "tasks/cancel",
        (Ask::Cancel(_), Dialect::V1_0) => "CancelTask",
        (Ask::Resubscribe(_), Dialect::V0_3) => "tasks/resubscribe",
        (Ask::Resubscribe(_), Dialect::V1_0) => "SubscribeToTask",
    }
}

/// Returns whether a body looks like JSON-RPC without parsing it.
fn is_envelope(body: &[u8]) -> bool {
    body.first() == Some(&b'{') && body.windows(9).any(|window| window == b"\"jsonrpc\"")
}

/// Parses one JSON-RPC response: its result, or the error that it carries.
fn read_result(call: &WireCall<'_>, body: &[u8], view: &mut View) -> Result<Value, WireError> {
    let mut json = read_json(body, call.limits)?;
    if json.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        view.note(Drift::NoJsonRpc);
    }
    if let Some(error) = json.get("error").filter(|error| !error.is_null()) {
        return Err(refused(error));
    }
    if json.get("id").and_then(Value::as_str) != Some(call.id) {
        view.note(Drift::ResponseId);
    }
    match json.get_mut("result").map(Value::take) {
        Some(result) if result.is_object() => Ok(result),
        _ => Err(WireError::malformed("the body is not a JSON-RPC response with a `result` object", body)),
    }
}

fn refused(error: &Value) -> WireError {
    let code = error.get("code").and_then(Value::as_i64).unwrap_or_default();
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    WireError::Refused {
        refusal: refusal(code),
        code: format!("JSON-RPC error {code}"),
        message: message.chars().take(MAX_MESSAGE).collect(),
    }
}

/// Maps a code to its meaning (JSON-RPC 2.0 §5.1; 0.3 §8.2; 1.0 §5.4).
fn refusal(code: i64) -> Refusal {
    match code {
        -32700 => Refusal::Unparsable,
        -32600 => Refusal::InvalidRequest,
        -32601 => Refusal::MethodNotFound,
        -32602 => Refusal::InvalidParams,
        -32603 => Refusal::Internal,
        -32000 => Refusal::ServerDefined,
        -32001 => Refusal::NotFound,
        -32002 => Refusal::NotCancelable,
        -32003 => Refusal::PushNotificationNotSupported,
        -32004 => Refusal::Unsupported,
        -32005 => Refusal::ContentTypeNotSupported,
        -32006 => Refusal::InvalidAgentResponse,
        -32007 => Refusal::ExtendedCardNotConfigured,
        -32008 => Refusal::ExtensionRequired,
        -32009 => Refusal::VersionNotSupported,
        _ => Refusal::Other,
    }
}
