//! Invalid requests are refused in the shape of the vendor, in every dialect. Unusual but valid requests are
//! answered.

use serde_json::{Value, json};

use crate::support::TestWorld;

/// Returns the path of each dialect, with a valid request.
pub(crate) fn dialects(model: &str) -> [(String, Value); 6] {
    let messages = json!([{ "role": "user", "content": "my name is Tepuz-4305" }]);
    let contents = json!([{ "role": "user", "parts": [{ "text": "my name is Tepuz-4305" }] }]);
    let escaped: String = model.bytes().map(|byte| format!("%{byte:02X}")).collect();
    [
        ("/v1/chat/completions".into(), json!({ "model": model, "messages": messages })),
        ("/v1/responses".into(), json!({ "model": model, "input": messages })),
        ("/v1/messages".into(), json!({ "model": model, "max_tokens": 64, "messages": messages })),
        (format!("/v1beta/models/{escaped}:generateContent"), json!({ "contents": contents })),
        ("/api/chat".into(), json!({ "model": model, "stream": false, "messages": messages })),
        (
            "/api/generate".into(),
            json!({ "model": model, "stream": false, "prompt": "my name is Tepuz-4305" }),
        ),
    ]
}

/// Returns whether an error has the shape that the vendor uses at this path.
pub(crate) fn is_in_shape(path: &str, body: &Value) -> bool {
    let text = |pointer: &str| body.pointer(pointer).is_some_and(Value::is_string);
    match path {
        "/v1/messages" => body["type"] == "error" && text("/error/type") && text("/error/message"),
        _ if path.starts_with("/v1beta/") => text("/error/status") && body["error"]["code"].is_number(),
        _ if path.starts_with("/api/") => text("/error"),
        _ => text("/error/type") && text("/error/message") && body["error"].get("param").is_some(),
    }
}

async fn assert_refused(world: &TestWorld, path: &str, content_type: &str, body: Vec<u8>) {
    let excerpt = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
    let request = world.http.post(format!("{}{path}", world.url)).header("content-type", content_type);
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.status(), 400, "{path}: {excerpt}");
    let error: Value = response.json().await.unwrap();
    assert!(is_in_shape(path, &error), "{path}: {excerpt}: {error}");
}

async fn assert_answered(world: &TestWorld, path: &str, content_type: &str, body: &Value) {
    let request = world.http.post(format!("{}{path}", world.url)).header("content-type", content_type);
    let response = request.body(body.to_string()).send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status == 200 && text.contains("Noted."), "{path} {content_type}: {status} {text}");
}

#[tokio::test]
async fn refuses_invalid_json_in_every_dialect() {
    let world = TestWorld::start().await;
    for (path, valid) in dialects("m") {
        let valid = valid.to_string();
        let invalid = valid.replace("Tepuz", "\u{1}").into_bytes();
        let mut not_utf8 = valid.clone().into_bytes();
        let position = valid.find("Tepuz").unwrap();
        not_utf8[position] = 0xff;
        let half = valid.as_bytes()[..valid.len() / 2].to_vec();
        let deep =
            format!("{{\"messages\":{0},\"contents\":{0},\"input\":{0},\"prompt\":{0}", "[".repeat(200_000));
        let long = [valid.as_bytes(), b"}"].concat();
        for invalid_body in
            [b"".to_vec(), b"{".to_vec(), b"\0".to_vec(), invalid, not_utf8, half, deep.into_bytes(), long]
        {
            assert_refused(&world, &path, "application/json", invalid_body).await;
        }
    }
    for (path, valid) in dialects("m") {
        assert_answered(&world, &path, "application/json", &valid).await;
    }
}

#[tokio::test]
async fn survives_deep_nesting_in_every_place() {
    let world = TestWorld::start().await;
    for (path, valid) in dialects("m") {
        for key in ["messages", "input", "contents", "prompt", "tools", "metadata"] {
            let mut nested = valid.clone();
            nested[key] = json!("placeholder");
            let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
            let response = world.post(&path, nested.to_string().replace("\"placeholder\"", &deep)).await;
            let status = response.status();
            let body: Value = response.json().await.unwrap();
            assert!(
                status == 200 || (status == 400 && is_in_shape(&path, &body)),
                "{path} {key}: {status} {body}"
            );
        }
    }
    for (path, valid) in dialects("m") {
        assert_answered(&world, &path, "application/json", &valid).await;
    }
}

#[tokio::test]
async fn ignores_the_content_type() {
    let world = TestWorld::start().await;
    for (path, valid) in dialects("m") {
        for content_type in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""]
        {
            assert_answered(&world, &path, content_type, &valid).await;
            let form = b"model=m&messages=hello".to_vec();
            assert_refused(&world, &path, content_type, form).await;
        }
    }
}

#[tokio::test]
async fn answers_for_any_model() {
    let world = TestWorld::start().await;
    let long = "m".repeat(5_000);
    for model in ["no-such-model", "gpt-99/latest@2031", "модель ☃ \"x\"", "../../etc/passwd", &long]
    {
        for (path, valid) in dialects(model) {
            assert_answered(&world, &path, "application/json", &valid).await;
        }
    }
}
