//! Invalid requests.

use serde_json::{Value, json};

use crate::support::{ModelServer, Runtime, text, v0_3, v1_0};

#[tokio::test]
async fn errors_have_codes_and_http_200() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    for (body, code) in [
        ("{".to_owned(), -32700),
        ("[]".to_owned(), -32600),
        (json!({ "jsonrpc": "1.0", "id": 1, "method": "message/send" }).to_string(), -32600),
        (json!({ "jsonrpc": "2.0", "id": 1, "method": "message/shout" }).to_string(), -32601),
        (json!({ "jsonrpc": "2.0", "id": 1, "method": "message/send" }).to_string(), -32602),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tasks/get", "params": { "id": "x" } }).to_string(),
            -32001,
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tasks/pushNotificationConfig/set" }).to_string(),
            -32003,
        ),
        (json!({ "jsonrpc": "2.0", "id": 1, "method": "GetExtendedAgentCard" }).to_string(), -32007),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": { "pageSize": 0 } })
                .to_string(),
            -32602,
        ),
        ("x".repeat((64 << 20) + 1), -32600),
    ] {
        let start: String = body.chars().take(80).collect();
        let answer: Value = runtime.post("", body).await.json().await.unwrap();
        assert_eq!(answer["error"]["code"], code, "{start}: {answer}");
    }
}

#[tokio::test]
async fn rejects_unsupported_versions() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let code = async |version: &str, request: Value| {
        let answer: Value = runtime.post(version, request.to_string()).await.json().await.unwrap();
        answer["error"]["code"].clone()
    };
    let new_one = || v1_0("SendMessage", "c", json!([{ "text": "x" }]));
    assert_eq!(code("9.9", new_one()).await, -32009);
    assert_eq!(code("9.9", v0_3("message/send", "c", text("x"))).await, -32009);
    for version in ["1.0", ""] {
        assert_eq!(code(version, new_one()).await, Value::Null);
    }
    for version in ["0.3", ""] {
        assert_eq!(code(version, v0_3("message/send", "c", text("x"))).await, Value::Null);
    }
}

#[tokio::test]
async fn error_details_follow_the_dialect() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let request =
        |method| json!({ "jsonrpc": "2.0", "id": "x", "method": method, "params": { "id": "none" } });
    let answer = runtime.call(request("GetTask")).await;
    assert_eq!(answer["id"], "x");
    assert_eq!(
        answer["error"]["data"],
        json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "TASK_NOT_FOUND",
            "domain": "a2a-protocol.org",
            "metadata": {},
        }])
    );
    assert!(runtime.call(request("tasks/get")).await["error"]["data"].is_null());
}
