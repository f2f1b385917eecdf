//! Files that are large, empty, not text, or oddly named.

use serde_json::json;

use crate::support::{Runtime, World, base64, file, of_kind, old, reply_text, text};

#[tokio::test]
async fn pictures_and_documents_reach_the_model_as_parts_of_their_own_kind() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    let picture = b"\x89PNG\r\n\x1a\n";
    // In plain characters, as a document may be.
    let document = b"%PDF-1.4 a plain document";
    let parts = json!([
        { "kind": "text", "text": "look" },
        of_kind("a.png", "image/png", picture),
        of_kind("b.pdf", "application/pdf", document),
        of_kind("c.bin", "application/octet-stream", &[0, 0xff]),
    ]);
    runtime.result(old("message/send", "c", parts)).await;
    let expected = json!([
        { "type": "text", "text": "look" },
        { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{}", base64(picture)) } },
        { "type": "file", "file": { "filename": "b.pdf",
            "file_data": format!("data:application/pdf;base64,{}", base64(document)) } },
        { "type": "file", "file": { "filename": "c.bin",
            "file_data": "data:application/octet-stream;base64,AP8=" } },
    ]);
    assert_eq!(world.shown(), expected);
    runtime.say("c", "and now?").await;
    assert_eq!(world.prompts()[1]["messages"][1]["content"], expected, "they stay in the history");
}

#[tokio::test]
async fn a_file_of_five_megabytes_reaches_the_model_to_its_last_character() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    let content = format!("{}the end", "x".repeat(5 << 20));
    runtime.result(old("message/send", "c", json!([file("a.txt", &content)]))).await;
    assert_eq!(world.shown()[0]["text"], format!("File a.txt (text/plain):\n{content}"));
    assert_eq!(runtime.ask("c", "still there?").await, "ok");
    let earlier = world.prompts()[1]["messages"][1]["content"][0]["text"].as_str().unwrap().len();
    assert!(earlier > content.len());
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    let parts =
        json!([{ "kind": "text", "text": "empty?" }, file("a.txt", ""), of_kind("b.png", "image/png", b"")]);
    assert_eq!(reply_text(&runtime.result(old("message/send", "a", parts)).await), "ok");
    let named = |name: &str| json!({ "type": "text", "text": format!("File {name}:\n") });
    let question = json!({ "type": "text", "text": "empty?" });
    assert_eq!(world.shown(), json!([question, named("a.txt (text/plain)"), named("b.png (image/png)")]));
    assert_eq!(reply_text(&runtime.result(old("message/send", "b", json!([file("a.txt", "")]))).await), "ok");
    assert_eq!(world.shown(), json!([named("a.txt (text/plain)")]));
}

#[tokio::test]
async fn a_name_is_a_word_and_never_a_path() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    for name in [&"n".repeat(300), "../../escape.txt", "/escape.txt", "two\nlines\r\n\0", "", "Ünï☃.txt"]
    {
        let parts = json!([file(name, "inside")]);
        let task = runtime.result(old("message/send", "c", parts.clone())).await;
        assert_eq!(reply_text(&task), "ok");
        assert_eq!(task["history"][0]["parts"], parts);
        assert_eq!(world.shown()[0]["text"], format!("File {name} (text/plain):\ninside"));
    }
    let kept = std::fs::read_dir(runtime.state.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(kept.collect::<Vec<_>>(), ["sessions"], "nothing else was written");
    assert_eq!(
        runtime.result(old("message/send", "c", text("and now?"))).await["status"]["state"],
        "completed"
    );
}
