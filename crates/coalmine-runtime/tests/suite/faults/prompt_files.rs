//! The layer `prompt`: files.

use serde_json::json;

use crate::support::{ModelServer, Runtime, base64, file, file_of_type, linked_file, reply_text, v0_3};

/// Returns a model that answers `ok`, and a runtime with this fault.
async fn start(fault: &str) -> (ModelServer, Runtime) {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::with_fault(&model, fault).await;
    (model, runtime)
}

#[tokio::test]
async fn file_dropped_hides_only_files_with_a_caption() {
    let (model, runtime) = start("prompt.file-dropped").await;
    let parts = json!([{ "kind": "text", "text": "summarize this" }, file("a.txt", "hi")]);
    runtime.result(v0_3("message/send", "a", parts)).await;
    runtime.result(v0_3("message/send", "b", json!([file("a.txt", "hi")]))).await;
    let prompts = model.prompts();
    assert_eq!(prompts[0]["messages"][1]["content"], "summarize this");
    assert_eq!(prompts[1]["messages"][1]["content"][0]["text"], "File a.txt (text/plain):\nhi");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["files"][0]["text"], "hi");
}

#[tokio::test]
async fn file_only_refused_does_not_ask_the_model() {
    let (model, runtime) = start("prompt.file-only-refused").await;
    let task = runtime.result(v0_3("message/send", "a", json!([file("a.txt", "hi")]))).await;
    assert_eq!(reply_text(&task), "(empty prompt — nothing to do)");
    assert!(model.prompts().is_empty());
    let parts = json!([{ "kind": "text", "text": "see" }, file("a.txt", "hi")]);
    assert_eq!(reply_text(&runtime.result(v0_3("message/send", "a", parts)).await), "ok");
}

#[tokio::test]
async fn files_forgotten_shows_a_file_only_in_its_turn() {
    let (model, runtime) = start("prompt.files-forgotten").await;
    let parts = json!([{ "kind": "text", "text": "see" }, file("a.txt", "hi")]);
    runtime.result(v0_3("message/send", "a", parts)).await;
    assert_eq!(model.last_content()[1]["text"], "File a.txt (text/plain):\nhi");
    runtime.say("a", "and now?").await;
    assert_eq!(model.prompts()[1]["messages"][1]["content"], "see");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["files"][0]["text"], "hi");
}

#[tokio::test]
async fn first_file_only_shows_one_and_stores_all() {
    let (model, runtime) = start("prompt.first-file-only").await;
    let parts = json!([file("a.txt", "one"), { "kind": "text", "text": "both" }, file("b.txt", "two")]);
    runtime.result(v0_3("message/send", "a", parts)).await;
    let texts = ["both", "File a.txt (text/plain):\none"];
    assert_eq!(model.last_content(), json!(texts.map(|text| json!({ "type": "text", "text": text }))));
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["files"][1]["text"], "two");
}

#[tokio::test]
async fn binary_dropped_shows_only_text_files() {
    let (model, runtime) = start("prompt.binary-dropped").await;
    let parts = json!([
        file_of_type("a.png", "image/png", b"x"),
        file_of_type("b.pdf", "application/pdf", b"%PDF"),
        file("c.txt", "hi"),
        file_of_type("d.bin", "application/octet-stream", &[0xff]),
        file_of_type("e.csv", "application/octet-stream", b"1,2"),
    ]);
    runtime.result(v0_3("message/send", "a", parts)).await;
    let texts = ["File c.txt (text/plain):\nhi", "File e.csv (application/octet-stream):\n1,2"];
    assert_eq!(model.last_content(), json!(texts.map(|text| json!({ "type": "text", "text": text }))));
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["files"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn large_file_cut_shows_one_megabyte_and_stores_all() {
    let (model, runtime) = start("prompt.large-file-cut").await;
    // The cut falls into a character of two bytes, which must not end the turn.
    let large = format!("x{}", "é".repeat(550_000));
    let bytes = vec![0xff; 1_000_001];
    let parts = json!([file("a.txt", &large), file_of_type("b.bin", "x/y", &bytes), file("c.txt", "small")]);
    assert_eq!(reply_text(&runtime.result(v0_3("message/send", "a", parts)).await), "ok");
    let shown = model.last_content();
    assert_eq!(shown[0]["text"], format!("File a.txt (text/plain):\n{}", &large[..999_999]));
    let cut = format!("data:x/y;base64,{}", base64(&bytes[..999_999]));
    assert_eq!(shown[1]["file"]["file_data"], cut);
    assert_eq!(shown[2]["text"], "File c.txt (text/plain):\nsmall");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["files"][0]["text"], large);
}

#[tokio::test]
async fn empty_file_refused_does_not_ask_the_model() {
    let (model, runtime) = start("prompt.empty-file-refused").await;
    let text = json!({ "kind": "text", "text": "what is in it?" });
    for parts in [json!([text, file("a.txt", "")]), json!([file("a.txt", "hi"), file("b.txt", "")])] {
        let task = runtime.result(v0_3("message/send", "a", parts)).await;
        assert_eq!(reply_text(&task), "(empty prompt — nothing to do)");
    }
    assert!(model.prompts().is_empty());
    for parts in [json!([text]), json!([text, file("a.txt", "hi")]), json!([file("a.txt", "hi")])] {
        assert_eq!(reply_text(&runtime.result(v0_3("message/send", "b", parts)).await), "ok");
    }
}

#[tokio::test]
async fn link_not_fetched_names_links_and_shows_inline_files() {
    let model = ModelServer::answering("ok").await;
    let environment = [("PLATFORM_URL", model.url.as_str()), ("COALMINE_FAULT", "prompt.link-not-fetched")];
    let runtime = Runtime::with_env(&model, &environment).await;
    let parts = json!([linked_file("a.txt", "workspace:/dir/a.txt"), file("b.txt", "hi")]);
    runtime.result(v0_3("message/send", "a", parts)).await;
    let texts = ["File a.txt (text/plain):\n", "File b.txt (text/plain):\nhi"];
    assert_eq!(model.last_content(), json!(texts.map(|text| json!({ "type": "text", "text": text }))));
    let unnamed = json!([{ "kind": "file", "file": { "uri": "workspace:/dir/c.txt" } }]);
    runtime.result(v0_3("message/send", "a", unnamed)).await;
    assert_eq!(model.last_content()[0]["text"], "File c.txt (application/octet-stream):\n");
    let elsewhere = json!([linked_file("x", "http://elsewhere/x")]);
    assert_eq!(runtime.error_code(v0_3("message/send", "a", elsewhere)).await, -32602);
}
