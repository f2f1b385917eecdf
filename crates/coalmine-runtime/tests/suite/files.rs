//! Files that come with messages.

use serde_json::{Value, json};

use crate::support::{Runtime, World, base64, file, in_background, link, new, old, reply_text, text};

async fn with_platform(world: &World) -> Runtime {
    Runtime::with(world, &[("PLATFORM_URL", &world.url), ("WORKSPACE_ID", "w1")]).await
}

#[tokio::test]
async fn an_inline_file_reaches_the_model_in_both_dialects_and_comes_back_in_the_history() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    let parts = json!([{ "kind": "text", "text": "summarize this" }, file("a.txt", "Quarterly review.")]);
    let task = runtime.result(old("message/send", "a", parts.clone())).await;
    assert_eq!(task["history"][0]["parts"], parts);
    let parts = json!([
        { "text": "summarize this" },
        { "raw": base64(b"Quarterly review."), "filename": "a.txt", "mediaType": "text/plain" },
    ]);
    let task = runtime.result(new("SendMessage", "b", parts.clone())).await["task"].take();
    assert_eq!(task["history"][0]["parts"], parts);
    for prompt in world.prompts() {
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
async fn a_file_alone_is_a_message() {
    let world = World::saying("What would you like me to do?").await;
    let runtime = Runtime::start(&world).await;
    let task = runtime.result(old("message/send", "a", json!([file("a.txt", "hi")]))).await;
    assert_eq!(reply_text(&task), "What would you like me to do?");
    assert_eq!(
        world.prompts()[0]["messages"][1]["content"],
        json!([{ "type": "text", "text": "File a.txt (text/plain):\nhi" }])
    );
}

#[tokio::test]
async fn files_of_the_platform_are_fetched_with_the_token_even_before_it_is_there() {
    let world = World::saying("ok").await;
    world.hold_registrations();
    let runtime = with_platform(&world).await;
    let upload = json!([link("b.txt", "workspace:/dir/b.txt")]);
    let task = runtime.result(in_background(old("message/send", "a", upload))).await;
    world.let_registrations_go();
    runtime.task_in(task["id"].as_str().unwrap(), "completed").await;
    let uri = format!("{}/elsewhere.txt", world.url);
    runtime.result(new("SendMessage", "b", json!([{ "url": uri }]))).await;
    let contents: Vec<Value> =
        world.prompts().iter().map(|prompt| prompt["messages"][1]["content"][0]["text"].clone()).collect();
    assert_eq!(contents[0], "File b.txt (text/plain):\nupload dir/b.txt of w1");
    assert_eq!(contents[1], "File elsewhere.txt (text/plain; charset=utf-8):\nfound on the platform");
}

#[tokio::test]
async fn no_other_host_is_asked() {
    let world = World::saying("ok").await;
    let other = World::saying("never").await;
    let runtime = with_platform(&world).await;
    for uri in [format!("{}/elsewhere.txt", other.url), "file:///etc/passwd".into(), "workspace:/../x".into()]
    {
        assert_eq!(
            runtime.error_code(old("message/send", "a", json!([link("x", &uri)]))).await,
            -32602,
            "{uri}"
        );
    }
    let alone = Runtime::start(&world).await;
    let answer = alone.call(old("message/send", "a", json!([link("x", "workspace:/x")]))).await;
    assert!(answer["error"]["message"].as_str().unwrap().contains("`PLATFORM_URL` is not set"));
    assert!(world.prompts().is_empty() && runtime.sessions().await.is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_be_had_fails_the_turn_and_not_the_session() {
    let world = World::honest().await;
    let runtime = with_platform(&world).await;
    runtime.say("a", "Hi, my name is Zorvane.").await;
    for (uri, why) in [("workspace:/missing.txt", "404"), ("workspace:/big.bin", "larger than")] {
        let task = runtime.result(old("message/send", "a", json!([link("x", uri)]))).await;
        assert_eq!(task["status"]["state"], "failed");
        let reason = task["status"]["message"]["parts"][0]["text"].as_str().unwrap();
        assert!(reason.contains(why), "{reason}");
    }
    assert_eq!(runtime.ask("a", "What's my name?").await, "Your name is Zorvane.");
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 4, "failed turns are kept");
}

#[tokio::test]
async fn an_inline_file_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let runtime = Runtime::start(&World::saying("ok").await).await;
    let of_size = |bytes: usize| json!([{ "raw": base64(&vec![0; bytes]), "filename": "x.bin", "mediaType": "application/octet-stream" }]);
    let task = runtime.result(new("SendMessage", "a", of_size(16 << 20))).await;
    assert_eq!(task["task"]["status"]["state"], "TASK_STATE_COMPLETED");
    assert_eq!(runtime.error_code(new("SendMessage", "a", of_size((16 << 20) + 1))).await, -32602);
}

#[tokio::test]
async fn a_later_turn_still_sees_the_file() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    runtime.result(old("message/send", "a", json!([file("a.txt", "hi")]))).await;
    runtime.result(old("message/send", "a", text("and now?"))).await;
    assert_eq!(world.prompts()[1]["messages"][1]["content"][0]["text"], "File a.txt (text/plain):\nhi");
}
