//! What is no request is refused in the shape of its vendor, in every dialect; what only looks strange is answered.

use serde_json::{Value, json};

use crate::support::Served;

/// The paths of the dialects, each with a question that is right.
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

/// Whether an error has the shape of the vendor whose path it is.
pub(crate) fn is_in_shape(path: &str, body: &Value) -> bool {
    let text = |pointer: &str| body.pointer(pointer).is_some_and(Value::is_string);
    match path {
        "/v1/messages" => body["type"] == "error" && text("/error/type") && text("/error/message"),
        _ if path.starts_with("/v1beta/") => text("/error/status") && body["error"]["code"].is_number(),
        _ if path.starts_with("/api/") => text("/error"),
        _ => text("/error/type") && text("/error/message") && body["error"].get("param").is_some(),
    }
}

async fn assert_refused(served: &Served, path: &str, content_type: &str, body: Vec<u8>) {
    let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
    let request = served.http.post(format!("{}{path}", served.url)).header("content-type", content_type);
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.status(), 400, "{path}: {shown}");
    let error: Value = response.json().await.unwrap();
    assert!(is_in_shape(path, &error), "{path}: {shown}: {error}");
}

async fn assert_answered(served: &Served, path: &str, content_type: &str, body: &Value) {
    let request = served.http.post(format!("{}{path}", served.url)).header("content-type", content_type);
    let response = request.body(body.to_string()).send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status == 200 && text.contains("Noted."), "{path} {content_type}: {status} {text}");
}

#[tokio::test]
async fn what_is_no_json_is_refused_in_every_dialect() {
    let served = Served::new().await;
    for (path, right) in dialects("m") {
        let right = right.to_string();
        let invalid = right.replace("Tepuz", "\u{1}").into_bytes();
        let mut no_utf8 = right.clone().into_bytes();
        let place = right.find("Tepuz").unwrap();
        no_utf8[place] = 0xff;
        let half = right.as_bytes()[..right.len() / 2].to_vec();
        let deep =
            format!("{{\"messages\":{0},\"contents\":{0},\"input\":{0},\"prompt\":{0}", "[".repeat(200_000));
        let long = [right.as_bytes(), b"}"].concat();
        for wrong in
            [b"".to_vec(), b"{".to_vec(), b"\0".to_vec(), invalid, no_utf8, half, deep.into_bytes(), long]
        {
            assert_refused(&served, &path, "application/json", wrong).await;
        }
    }
    for (path, right) in dialects("m") {
        assert_answered(&served, &path, "application/json", &right).await;
    }
}

#[tokio::test]
async fn nesting_in_every_place_is_refused_or_answered_and_the_world_goes_on() {
    let served = Served::new().await;
    for (path, right) in dialects("m") {
        for key in ["messages", "input", "contents", "prompt", "tools", "metadata"] {
            let mut wrong = right.clone();
            wrong[key] = json!("the-place");
            let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
            let response = served.post(&path, wrong.to_string().replace("\"the-place\"", &deep)).await;
            let status = response.status();
            let body: Value = response.json().await.unwrap();
            assert!(
                status == 200 || (status == 400 && is_in_shape(&path, &body)),
                "{path} {key}: {status} {body}"
            );
        }
    }
    for (path, right) in dialects("m") {
        assert_answered(&served, &path, "application/json", &right).await;
    }
}

#[tokio::test]
async fn a_content_type_makes_no_request_wrong_and_none_right() {
    let served = Served::new().await;
    for (path, right) in dialects("m") {
        for content_type in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""]
        {
            assert_answered(&served, &path, content_type, &right).await;
            let form = b"model=m&messages=hello".to_vec();
            assert_refused(&served, &path, content_type, form).await;
        }
    }
}

#[tokio::test]
async fn any_model_is_answered() {
    let served = Served::new().await;
    let long = "m".repeat(5_000);
    for model in ["no-such-model", "gpt-99/latest@2031", "модель ☃ \"x\"", "../../etc/passwd", &long]
    {
        for (path, right) in dialects(model) {
            assert_answered(&served, &path, "application/json", &right).await;
        }
    }
}
