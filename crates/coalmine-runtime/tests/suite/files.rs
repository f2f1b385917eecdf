//! Files that come with messages.

use serde_json::{Value, json};

use crate::support::{
    ModelServer, Runtime, base64, file, in_background, linked_file, reply_text, text, v0_3, v1_0,
};

async fn with_platform(model: &ModelServer) -> Runtime {
    Runtime::with_env(model, &[("PLATFORM_URL", &model.url), ("WORKSPACE_ID", "w1")]).await
}

#[tokio::test]
async fn inline_file_reaches_the_model_in_both_dialects() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    let parts = json!([{ "kind": "text", "text": "summarize this" }, file("a.txt", "Quarterly review.")]);
    let task = runtime.result(v0_3("message/send", "a", parts.clone())).await;
    assert_eq!(task["history"][0]["parts"], parts);
    let parts = json!([
        { "text": "summarize this" },
        { "raw": base64(b"Quarterly review."), "filename": "a.txt", "mediaType": "text/plain" },
    ]);
    let task = runtime.result(v1_0("SendMessage", "b", parts.clone())).await["task"].take();
    assert_eq!(task["history"][0]["parts"], parts);
    for prompt in model.prompts() {
        assert_eq!(
            prompt["messages"][1]["content"],
            json!([
                { "type": "text", "text": "summarize this" },
                { "type": "text", "text": "File a.txt (text/plain):\nQuarterly review." },
            ])
        );
    }
}

#[tokio::test]
async fn accepts_a_file_without_text() {
    let model = ModelServer::answering("What would you like me to do?").await;
    let runtime = Runtime::start(&model).await;
    let task = runtime.result(v0_3("message/send", "a", json!([file("a.txt", "hi")]))).await;
    assert_eq!(reply_text(&task), "What would you like me to do?");
    assert_eq!(
        model.prompts()[0]["messages"][1]["content"],
        json!([{ "type": "text", "text": "File a.txt (text/plain):\nhi" }])
    );
}

#[tokio::test]
async fn fetches_platform_files_and_waits_for_the_token() {
    let model = ModelServer::answering("ok").await;
    model.hold_registrations();
    let runtime = with_platform(&model).await;
    let upload = json!([linked_file("b.txt", "workspace:/dir/b.txt")]);
    let task = runtime.result(in_background(v0_3("message/send", "a", upload))).await;
    model.release_registrations();
    runtime.wait_for_state(task["id"].as_str().unwrap(), "completed").await;
    let uri = format!("{}/elsewhere.txt", model.url);
    runtime.result(v1_0("SendMessage", "b", json!([{ "url": uri }]))).await;
    let contents: Vec<Value> =
        model.prompts().iter().map(|prompt| prompt["messages"][1]["content"][0]["text"].clone()).collect();
    assert_eq!(contents[0], "File b.txt (text/plain):\nupload dir/b.txt of w1");
    assert_eq!(contents[1], "File elsewhere.txt (text/plain; charset=utf-8):\nfound on the platform");
}

#[tokio::test]
async fn asks_no_other_host() {
    let model = ModelServer::answering("ok").await;
    let other = ModelServer::answering("never").await;
    let runtime = with_platform(&model).await;
    for uri in [format!("{}/elsewhere.txt", other.url), "file:///etc/passwd".into(), "workspace:/../x".into()]
    {
        assert_eq!(
            runtime.error_code(v0_3("message/send", "a", json!([linked_file("x", &uri)]))).await,
            -32602,
            "{uri}"
        );
    }
    let alone = Runtime::start(&model).await;
    let answer = alone.call(v0_3("message/send", "a", json!([linked_file("x", "workspace:/x")]))).await;
    assert!(answer["error"]["message"].as_str().unwrap().contains("`PLATFORM_URL` is not set"));
    assert!(model.prompts().is_empty() && runtime.sessions().await.is_empty());
}

#[tokio::test]
async fn unavailable_file_fails_only_its_turn() {
    let model = ModelServer::grounded().await;
    let runtime = with_platform(&model).await;
    runtime.say("a", "Hi, my name is Zorvane.").await;
    for (uri, why) in [("workspace:/missing.txt", "404"), ("workspace:/big.bin", "larger than")] {
        let task = runtime.result(v0_3("message/send", "a", json!([linked_file("x", uri)]))).await;
        assert_eq!(task["status"]["state"], "failed");
        let reason = task["status"]["message"]["parts"][0]["text"].as_str().unwrap();
        assert!(reason.contains(why), "{reason}");
    }
    assert_eq!(runtime.ask("a", "What's my name?").await, "Your name is Zorvane.");
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 4, "failed turns are kept");
}

#[tokio::test]
async fn rejects_inline_files_over_the_limit() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let of_size = |bytes: usize| json!([{ "raw": base64(&vec![0; bytes]), "filename": "x.bin", "mediaType": "application/octet-stream" }]);
    let task = runtime.result(v1_0("SendMessage", "a", of_size(16 << 20))).await;
    assert_eq!(task["task"]["status"]["state"], "TASK_STATE_COMPLETED");
    assert_eq!(runtime.error_code(v1_0("SendMessage", "a", of_size((16 << 20) + 1))).await, -32602);
}

#[tokio::test]
async fn later_turn_still_sees_the_file() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    runtime.result(v0_3("message/send", "a", json!([file("a.txt", "hi")]))).await;
    runtime.result(v0_3("message/send", "a", text("and now?"))).await;
    assert_eq!(model.prompts()[1]["messages"][1]["content"][0]["text"], "File a.txt (text/plain):\nhi");
}
