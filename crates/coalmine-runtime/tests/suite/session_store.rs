//! The session store, over HTTP and on disk.

use serde_json::{Value, json};

use crate::support::{ModelServer, Runtime, base64, file, v0_3};

#[tokio::test]
async fn shows_every_turn_without_binary_content() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let binary = json!({ "kind": "file", "file": {
        "name": "b.bin", "mimeType": "application/x", "bytes": base64(&[0xff; 30]) } });
    let parts = json!([{ "kind": "text", "text": "look" }, file("a.txt", "hi"), binary]);
    let request = v0_3("message/send", "5f0c1f0e-7c1e-4a58-9a4e-0d6a2f7b9c11", parts);
    let task = runtime.result(request.clone()).await;
    let mut expected = json!({
        "key": task["contextId"],
        "turns": [{
            "context_id": task["contextId"],
            "task_id": task["id"],
            "message_id": request["params"]["message"]["messageId"],
            "user": { "text": "look", "files": [
                { "name": "a.txt", "mime_type": "text/plain", "text": "hi" },
                { "name": "b.bin", "mime_type": "application/x", "base64": 40 },
            ] },
            "agent": "ok",
        }],
    });
    assert_eq!(runtime.sessions().await, [expected.clone()]);

    let path = runtime.state.path().join("sessions/5f0c1f0e-7c1e-4a58-9a4e-0d6a2f7b9c11.json");
    let on_disk: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    expected["turns"][0]["user"]["files"][1]["base64"] = json!(base64(&[0xff; 30]));
    assert_eq!(on_disk, expected);
    assert_eq!(std::fs::read_dir(runtime.state.path().join("sessions")).unwrap().count(), 1);
}
