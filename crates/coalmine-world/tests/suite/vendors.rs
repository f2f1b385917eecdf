//! What differs from vendor to vendor, beside the way in which a prompt and an answer are written.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::Served;

async fn get(served: &Served, path: &str, credentials: &str) -> (u16, Value) {
    let request = served.http.get(format!("{}{path}", served.url)).header(credentials, "not-a-key");
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn each_vendors_list_of_models_is_at_the_same_path() {
    let served = Served::new().await;
    let (_, openai) = get(&served, "/v1/models", "authorization").await;
    assert_eq!((&openai["object"], &openai["data"][0]["object"]), (&json!("list"), &json!("model")));
    let (_, anthropic) = get(&served, "/v1/models?limit=20", "x-api-key").await;
    assert_eq!((&anthropic["has_more"], &anthropic["data"][0]["type"]), (&json!(false), &json!("model")));
    assert_eq!(anthropic["first_id"], anthropic["data"][0]["id"]);
    let (_, gemini) = get(&served, "/v1/models", "x-goog-api-key").await;
    assert!(gemini["models"][0]["name"].as_str().unwrap().starts_with("models/"), "{gemini}");
    for path in ["/v1/models?key=x", "/v1beta/models", "/models?key=x"] {
        assert_eq!(get(&served, path, "accept").await.1, gemini, "{path}");
    }
    assert_eq!(get(&served, "/v1/models/m", "anthropic-version").await.1["display_name"], "m");
    assert_eq!(get(&served, "/v1/models/m", "x-goog-api-key").await.1["name"], "models/m");
    assert_eq!(get(&served, "/v1/models/m", "authorization").await.1["id"], "m");
}

#[tokio::test]
async fn what_is_not_served_is_not_found_in_the_vendors_shape() {
    let served = Served::new().await;
    let (status, anthropic) = get(&served, "/v1/files", "x-api-key").await;
    assert_eq!((status, &anthropic["error"]["type"]), (404, &json!("not_found_error")));
    let (status, gemini) = get(&served, "/v1/files", "x-goog-api-key").await;
    assert_eq!((status, &gemini["error"]["status"]), (404, &json!("NOT_FOUND")));
    let (status, openai) = get(&served, "/v1/files", "authorization").await;
    assert_eq!((status, &openai["error"]["type"]), (404, &json!("invalid_request_error")));
}

/// Tells a name whose acknowledgement is two tokens long, in each dialect, with the bound on the answer where it has it.
fn tell(most: u64) -> [(&'static str, Value, &'static str); 4] {
    let said = "my name is Tepuz-4305";
    let messages = json!([{ "role": "user", "content": said }]);
    [
        (
            "/v1/chat/completions",
            json!({ "model": "m", "messages": messages, "max_completion_tokens": most }),
            "/choices/0/finish_reason",
        ),
        ("/v1/messages", json!({ "model": "m", "messages": messages, "max_tokens": most }), "/stop_reason"),
        (
            "/v1/models/m:generateContent",
            json!({ "contents": [{ "parts": [{ "text": said }] }], "generationConfig": { "maxOutputTokens": most } }),
            "/candidates/0/finishReason",
        ),
        (
            "/api/chat",
            json!({ "model": "m", "messages": messages, "stream": false, "options": { "num_predict": most } }),
            "/done_reason",
        ),
    ]
}

#[tokio::test]
async fn an_answer_that_is_cut_says_so() {
    let served = Served::new().await;
    let ends = async |most| {
        let mut ends = vec![];
        for (path, body, at) in tell(most) {
            let answer: Value = served.post(path, body.to_string()).await.json().await.unwrap();
            assert_eq!(answer.to_string().contains("Noted."), most > 1, "{answer}");
            ends.push(answer.pointer(at).unwrap().clone());
        }
        ends
    };
    assert_eq!(ends(1).await, ["length", "max_tokens", "MAX_TOKENS", "length"]);
    assert_eq!(ends(9).await, ["stop", "end_turn", "STOP", "stop"]);
}

#[tokio::test]
async fn no_two_answers_have_the_same_id() {
    let (one, other) = (Served::new().await, Served::new().await);
    let mut ids = HashSet::new();
    for (path, body, _) in tell(9).into_iter().take(2) {
        for _ in 0..3 {
            let answers = tokio::join!(one.post(path, body.to_string()), one.post(path, body.to_string()));
            for answer in <[_; 2]>::from(answers) {
                let answer: Value = answer.json().await.unwrap();
                let id = answer["id"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} came twice");
            }
        }
    }
    // the same token, the same ids: a run can be replayed
    let (path, body, _) = &tell(9)[0];
    let answer: Value = other.post(path, body.to_string()).await.json().await.unwrap();
    assert!(ids.contains(answer["id"].as_str().unwrap()));
}

#[tokio::test]
async fn calls_have_ids_of_their_own_and_are_found_in_the_journal_by_them() {
    let served = Served::new().await;
    let tool = json!({ "type": "function", "function": { "name": "commit_memory" } });
    let body = json!({
        "model": "m", "tools": [tool],
        "messages": [{ "role": "user", "content": "Please remember: my colour is rikal-417." }],
    });
    let mut ids = vec![];
    for _ in 0..2 {
        let answer = served.ask(&body).await;
        ids.push(answer["choices"][0]["message"]["tool_calls"][0]["id"].clone());
        assert!(answer["usage"]["completion_tokens"].as_u64() > Some(0), "{answer}");
    }
    assert_ne!(ids[0], ids[1]);
    let written: Vec<_> =
        served.end().await.lines().iter().map(|line| line["answer"]["calls"][0]["id"].clone()).collect();
    assert_eq!(ids, written);
}

#[tokio::test]
async fn a_request_has_the_id_that_the_vendor_would_send() {
    let served = Served::new().await;
    let (path, body, _) = &tell(9)[1];
    let answered = served.post(path, body.to_string()).await;
    assert!(answered.headers()["request-id"].to_str().unwrap().starts_with("req_"));
    let refused = served.post(path, "{}").await;
    let id = refused.headers()["request-id"].to_str().unwrap().to_owned();
    let refusal: Value = refused.json().await.unwrap();
    assert_eq!(refusal["request_id"], id);
    let (path, body, _) = &tell(9)[0];
    assert!(served.post(path, body.to_string()).await.headers().contains_key("x-request-id"));
    let (path, body, _) = &tell(9)[3];
    assert!(!served.post(path, body.to_string()).await.headers().contains_key("x-request-id"));
}
