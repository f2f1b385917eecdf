//! Answers to many parallel conversations in all dialects hold only their own facts.

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::support::TestWorld;

/// Returns the path and the body of a conversation that states a name, in one of the dialects.
fn request(number: usize, name: &str) -> (&'static str, Value) {
    let stated = format!("Hi, my name is {name}.");
    let asked = "What's my name?";
    let messages = json!([
        {"role": "user", "content": stated}, {"role": "assistant", "content": "Noted."}, {"role": "user", "content": asked}
    ]);
    match number % 5 {
        0 => ("/v1/chat/completions", json!({"model": "m", "messages": messages})),
        1 => ("/v1/messages", json!({"model": "m", "max_tokens": 64, "messages": messages})),
        2 => ("/v1/responses", json!({"model": "m", "input": messages})),
        3 => ("/api/chat", json!({"model": "m", "stream": false, "messages": messages})),
        _ => {
            let turn = |role: &str, text: &str| json!({"role": role, "parts": [{"text": text}]});
            let contents = [turn("user", &stated), turn("model", "Noted."), turn("user", asked)];
            ("/v1beta/models/m:generateContent", json!({"contents": contents}))
        }
    }
}

fn name(number: usize) -> String {
    format!("Zorvane-{number:04}")
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_conversations_are_not_mixed_up() {
    let world = TestWorld::start().await;
    let answers: Vec<(usize, String)> = stream::iter(0..1_000)
        .map(|number| {
            let (path, body) = request(number, &name(number));
            let world = &world;
            async move { (number, world.post(path, body.to_string()).await.text().await.unwrap()) }
        })
        .buffer_unordered(200)
        .collect()
        .await;
    assert_eq!(answers.len(), 1_000);
    for (number, answer) in answers {
        assert!(answer.contains(&format!("Your name is {}.", name(number))), "{number}: {answer}");
        assert_eq!(
            answer.matches("Zorvane-").count(),
            answer.matches(&name(number)).count(),
            "{number}: {answer}"
        );
    }
    assert_eq!(world.end().await.lines().len(), 1_000);
}

#[tokio::test]
async fn refuses_unknown_paths_like_their_vendor() {
    let world = TestWorld::start().await;
    for (path, place) in [
        ("/v1/nothing", "/error/type"),
        ("/v1/messages/batches", "/error/type"),
        ("/v1beta/models/m:predict", "/error/status"),
        ("/api/pull", "/error"),
    ] {
        let response = world.post(path, "{}").await;
        assert_eq!(response.status(), 404, "{path}");
        let body: Value = response.json().await.unwrap();
        assert!(body.pointer(place).is_some_and(Value::is_string), "{path}: {body}");
    }
}
