//! Files that are large, empty or not text, or that have strange names.

use serde_json::json;

use crate::support::{ModelServer, Runtime, base64, file, file_of_type, reply_text, text, v0_3};

#[tokio::test]
async fn pictures_and_documents_become_parts_of_their_kind() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    let picture = b"\x89PNG\r\n\x1a\n";
    // A document may consist of plain characters.
    let document = b"%PDF-1.4 a plain document";
    let parts = json!([
        { "kind": "text", "text": "look" },
        file_of_type("a.png", "image/png", picture),
        file_of_type("b.pdf", "application/pdf", document),
        file_of_type("c.bin", "application/octet-stream", &[0, 0xff]),
    ]);
    runtime.result(v0_3("message/send", "c", parts)).await;
    let expected = json!([
        { "type": "text", "text": "look" },
        { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{}", base64(picture)) } },
        { "type": "file", "file": { "filename": "b.pdf",
            "file_data": format!("data:application/pdf;base64,{}", base64(document)) } },
        { "type": "file", "file": { "filename": "c.bin",
            "file_data": "data:application/octet-stream;base64,AP8=" } },
    ]);
    assert_eq!(model.last_content(), expected);
    runtime.say("c", "and now?").await;
    assert_eq!(model.prompts()[1]["messages"][1]["content"], expected, "they stay in the history");
}

#[tokio::test]
async fn file_of_five_megabytes_reaches_the_model_whole() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    let content = format!("{}the end", "x".repeat(5 << 20));
    runtime.result(v0_3("message/send", "c", json!([file("a.txt", &content)]))).await;
    assert_eq!(model.last_content()[0]["text"], format!("File a.txt (text/plain):\n{content}"));
    assert_eq!(runtime.ask("c", "still there?").await, "ok");
    let earlier = model.prompts()[1]["messages"][1]["content"][0]["text"].as_str().unwrap().len();
    assert!(earlier > content.len());
}

#[tokio::test]
async fn empty_file_is_shown() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    let parts = json!([{ "kind": "text", "text": "empty?" }, file("a.txt", ""), file_of_type("b.png", "image/png", b"")]);
    assert_eq!(reply_text(&runtime.result(v0_3("message/send", "a", parts)).await), "ok");
    let named = |name: &str| json!({ "type": "text", "text": format!("File {name}:\n") });
    let question = json!({ "type": "text", "text": "empty?" });
    assert_eq!(
        model.last_content(),
        json!([question, named("a.txt (text/plain)"), named("b.png (image/png)")])
    );
    assert_eq!(
        reply_text(&runtime.result(v0_3("message/send", "b", json!([file("a.txt", "")]))).await),
        "ok"
    );
    assert_eq!(model.last_content(), json!([named("a.txt (text/plain)")]));
}

#[tokio::test]
async fn file_name_is_never_a_path() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    for name in [&"n".repeat(300), "../../escape.txt", "/escape.txt", "two\nlines\r\n\0", "", "Ünï☃.txt"]
    {
        let parts = json!([file(name, "inside")]);
        let task = runtime.result(v0_3("message/send", "c", parts.clone())).await;
        assert_eq!(reply_text(&task), "ok");
        assert_eq!(task["history"][0]["parts"], parts);
        assert_eq!(model.last_content()[0]["text"], format!("File {name} (text/plain):\ninside"));
    }
    let stored = std::fs::read_dir(runtime.state.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(stored.collect::<Vec<_>>(), ["sessions"], "nothing else was written");
    assert_eq!(
        runtime.result(v0_3("message/send", "c", text("and now?"))).await["status"]["state"],
        "completed"
    );
}
