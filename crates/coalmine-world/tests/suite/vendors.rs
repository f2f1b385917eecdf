//! Paths that several vendors have: who asks is told apart by the credentials, and refused in the own vendor's words.

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
