//! Requests that are not in order.

use serde_json::{Value, json};

use crate::support::{Runtime, World, new, old, text};

#[tokio::test]
async fn every_error_has_its_code_and_http_200() {
    let runtime = Runtime::start(&World::saying("ok").await).await;
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
async fn a_version_that_is_not_spoken_is_refused_and_the_others_are_not() {
    let runtime = Runtime::start(&World::saying("ok").await).await;
    let code = async |version: &str, request: Value| {
        let answer: Value = runtime.post(version, request.to_string()).await.json().await.unwrap();
        answer["error"]["code"].clone()
    };
    let new_one = || new("SendMessage", "c", json!([{ "text": "x" }]));
    assert_eq!(code("9.9", new_one()).await, -32009);
    assert_eq!(code("9.9", old("message/send", "c", text("x"))).await, -32009);
    for version in ["1.0", ""] {
        assert_eq!(code(version, new_one()).await, Value::Null);
    }
    for version in ["0.3", ""] {
        assert_eq!(code(version, old("message/send", "c", text("x"))).await, Value::Null);
    }
}

#[tokio::test]
async fn details_are_an_array_in_1_0_and_null_in_0_3() {
    let runtime = Runtime::start(&World::saying("ok").await).await;
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
