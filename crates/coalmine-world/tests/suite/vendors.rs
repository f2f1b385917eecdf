//! Differences between vendors, apart from how they write prompts and answers.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::TestWorld;

async fn get(world: &TestWorld, path: &str, credentials: &str) -> (u16, Value) {
    let request = world.http.get(format!("{}{path}", world.url)).header(credentials, "not-a-key");
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn lists_models_of_each_vendor_at_one_path() {
    let world = TestWorld::start().await;
    let (_, openai) = get(&world, "/v1/models", "authorization").await;
    assert_eq!((&openai["object"], &openai["data"][0]["object"]), (&json!("list"), &json!("model")));
    let (_, anthropic) = get(&world, "/v1/models?limit=20", "x-api-key").await;
    assert_eq!((&anthropic["has_more"], &anthropic["data"][0]["type"]), (&json!(false), &json!("model")));
    assert_eq!(anthropic["first_id"], anthropic["data"][0]["id"]);
    let (_, gemini) = get(&world, "/v1/models", "x-goog-api-key").await;
    assert!(gemini["models"][0]["name"].as_str().unwrap().starts_with("models/"), "{gemini}");
    for path in ["/v1/models?key=x", "/v1beta/models", "/models?key=x"] {
        assert_eq!(get(&world, path, "accept").await.1, gemini, "{path}");
    }
    assert_eq!(get(&world, "/v1/models/m", "anthropic-version").await.1["display_name"], "m");
    assert_eq!(get(&world, "/v1/models/m", "x-goog-api-key").await.1["name"], "models/m");
    assert_eq!(get(&world, "/v1/models/m", "authorization").await.1["id"], "m");
}

#[tokio::test]
async fn unknown_paths_get_404_in_the_vendors_shape() {
    let world = TestWorld::start().await;
    let (status, anthropic) = get(&world, "/v1/files", "x-api-key").await;
    assert_eq!((status, &anthropic["error"]["type"]), (404, &json!("not_found_error")));
    let (status, gemini) = get(&world, "/v1/files", "x-goog-api-key").await;
    assert_eq!((status, &gemini["error"]["status"]), (404, &json!("NOT_FOUND")));
    let (status, openai) = get(&world, "/v1/files", "authorization").await;
    assert_eq!((status, &openai["error"]["type"]), (404, &json!("invalid_request_error")));
}

/// Returns requests whose answer is two tokens long, with a maximum length, and the pointers to their finish
/// reasons.
fn requests(max: u64) -> [(&'static str, Value, &'static str); 4] {
    let text = "my name is Tepuz-4305";
    let messages = json!([{ "role": "user", "content": text }]);
    [
        (
            "/v1/chat/completions",
            json!({ "model": "m", "messages": messages, "max_completion_tokens": max }),
            "/choices/0/finish_reason",
        ),
        ("/v1/messages", json!({ "model": "m", "messages": messages, "max_tokens": max }), "/stop_reason"),
        (
            "/v1/models/m:generateContent",
            json!({ "contents": [{ "parts": [{ "text": text }] }], "generationConfig": { "maxOutputTokens": max } }),
            "/candidates/0/finishReason",
        ),
        (
            "/api/chat",
            json!({ "model": "m", "messages": messages, "stream": false, "options": { "num_predict": max } }),
            "/done_reason",
        ),
    ]
}

#[tokio::test]
async fn reports_cut_answers() {
    let world = TestWorld::start().await;
    let finish_reasons = async |max| {
        let mut reasons = vec![];
        for (path, body, at) in requests(max) {
            let answer: Value = world.post(path, body.to_string()).await.json().await.unwrap();
            assert_eq!(answer.to_string().contains("Noted."), max > 1, "{answer}");
            reasons.push(answer.pointer(at).unwrap().clone());
        }
        reasons
    };
    assert_eq!(finish_reasons(1).await, ["length", "max_tokens", "MAX_TOKENS", "length"]);
    assert_eq!(finish_reasons(9).await, ["stop", "end_turn", "STOP", "stop"]);
}

#[tokio::test]
async fn ids_of_answers_are_unique() {
    let (one, other) = (TestWorld::start().await, TestWorld::start().await);
    let mut ids = HashSet::new();
    for (path, body, _) in requests(9).into_iter().take(2) {
        for _ in 0..3 {
            let answers = tokio::join!(one.post(path, body.to_string()), one.post(path, body.to_string()));
            for answer in <[_; 2]>::from(answers) {
                let answer: Value = answer.json().await.unwrap();
                let id = answer["id"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} is not unique");
            }
        }
    }
    // worlds with the same token use the same ids, so that a run can be replayed
    let (path, body, _) = &requests(9)[0];
    let answer: Value = other.post(path, body.to_string()).await.json().await.unwrap();
    assert!(ids.contains(answer["id"].as_str().unwrap()));
}

#[tokio::test]
async fn ids_of_calls_are_unique_and_in_the_journal() {
    let world = TestWorld::start().await;
    let tool = json!({ "type": "function", "function": { "name": "commit_memory" } });
    let body = json!({
        "model": "m", "tools": [tool],
        "messages": [{ "role": "user", "content": "Please remember: my color is rikal-417." }],
    });
    let mut ids = vec![];
    for _ in 0..2 {
        let answer = world.ask(&body).await;
        ids.push(answer["choices"][0]["message"]["tool_calls"][0]["id"].clone());
        assert!(answer["usage"]["completion_tokens"].as_u64() > Some(0), "{answer}");
    }
    assert_ne!(ids[0], ids[1]);
    let written: Vec<_> =
        world.end().await.lines().iter().map(|line| line["answer"]["calls"][0]["id"].clone()).collect();
    assert_eq!(ids, written);
}

#[tokio::test]
async fn sends_request_ids_like_the_vendor() {
    let world = TestWorld::start().await;
    let (path, body, _) = &requests(9)[1];
    let answered = world.post(path, body.to_string()).await;
    assert!(answered.headers()["request-id"].to_str().unwrap().starts_with("req_"));
    let refused = world.post(path, "{}").await;
    let id = refused.headers()["request-id"].to_str().unwrap().to_owned();
    let refusal: Value = refused.json().await.unwrap();
    assert_eq!(refusal["request_id"], id);
    let (path, body, _) = &requests(9)[0];
    assert!(world.post(path, body.to_string()).await.headers().contains_key("x-request-id"));
    let (path, body, _) = &requests(9)[3];
    assert!(!world.post(path, body.to_string()).await.headers().contains_key("x-request-id"));
}
