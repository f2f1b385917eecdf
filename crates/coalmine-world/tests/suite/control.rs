//! The control plane: registration, memories, uploads.

use coalmine_world::Callers;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TOKEN, TestWorld};

const MEMORIES: &str = "/workspaces/w1/memories";
const UPLOADS: &str = "/workspaces/w1/chat/uploads";

#[tokio::test]
async fn issues_the_token_only_once() {
    let world = TestWorld::start().await;
    let card = json!({ "id": "w1", "url": "http://runtime", "agent_card": { "name": "a" } }).to_string();
    let first: Value = world.post("/registry/register", card.clone()).await.json().await.unwrap();
    assert_eq!(first["auth_token"], TOKEN);
    let second = world.post("/registry/register", card).await;
    assert_eq!(second.status(), 200);
    assert_eq!(second.json::<Value>().await.unwrap().get("auth_token"), None);
}

#[tokio::test]
async fn foreign_callers_get_neither_the_token_nor_a_line_in_the_journal() {
    let world = TestWorld::start_for(Callers::Networks(vec!["172.20.0.0/16".parse().unwrap()])).await;
    for path in ["/registry/register", "/v1/chat/completions"] {
        let refused = world.post(path, "{\"id\":\"w1\"}").await;
        assert_eq!(refused.status(), 403, "{path}");
        let text = refused.text().await.unwrap();
        assert!(text.contains("not part of") && !text.contains(TOKEN), "{text}");
    }
    let foreign = world.inner.foreign_callers();
    assert_eq!((foreign.addresses, foreign.connections), (vec!["127.0.0.1".parse().unwrap()], 2));
    assert!(world.end().await.lines().is_empty());
}

#[tokio::test]
async fn callers_of_this_machine_are_served_if_they_are_to_be() {
    let world = TestWorld::start_for(Callers::loopback()).await;
    assert_eq!(world.post("/registry/register", "{\"id\":\"w1\"}").await.status(), 200);
    assert_eq!(world.inner.foreign_callers().connections, 0);
}

#[tokio::test]
async fn invalid_registration_does_not_use_up_the_token() {
    let world = TestWorld::start().await;
    for body in ["", "[]", "words"] {
        assert_eq!(world.post("/registry/register", body).await.status(), 400, "{body}");
    }
    let first: Value = world.post("/registry/register", "{}").await.json().await.unwrap();
    assert_eq!(first["auth_token"], TOKEN);
}

#[tokio::test]
async fn accepts_heartbeats_and_lists_peers() {
    let world = TestWorld::start().await;
    assert_eq!(world.post("/registry/heartbeat", "{\"workspace_id\":\"w1\"}").await.status(), 200);
    let peers: Value = world.get("/registry/w1/peers").await.json().await.unwrap();
    assert_eq!(peers, json!([]));
    assert_eq!(world.get("/registry/discover/w9").await.status(), 404);
}

#[tokio::test]
async fn memories_need_the_token() {
    let world = TestWorld::start().await;
    let wrong = world.http.get(format!("{}{MEMORIES}", world.url)).bearer_auth("wrong").send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert_eq!(world.get(MEMORIES).await.status(), 401);
    assert_eq!(world.post(MEMORIES, "{\"content\":\"x\"}").await.status(), 401);
    assert!(world.inner.memories().is_empty());
}

#[tokio::test]
async fn keeps_memories_in_order_by_workspace() {
    let world = TestWorld::start().await;
    for (path, content, scope) in [
        (MEMORIES, "first", "LOCAL"),
        ("/workspaces/w2/memories", "other", "GLOBAL"),
        (MEMORIES, "second", "TEAM"),
    ] {
        let body = json!({ "content": content, "scope": scope });
        assert_eq!(world.as_runtime(Method::POST, path, &body).await.status(), 201);
    }
    let read: Value = world.as_runtime(Method::GET, MEMORIES, &Value::Null).await.json().await.unwrap();
    assert_eq!(
        read,
        json!([{ "scope": "LOCAL", "content": "first" }, { "scope": "TEAM", "content": "second" }])
    );
    let kept: Vec<_> = world
        .inner
        .memories()
        .iter()
        .map(|memory| format!("{} {}", memory.workspace, memory.content))
        .collect();
    assert_eq!(kept[1], "w2 other");
}

#[tokio::test]
async fn refuses_invalid_memories() {
    let world = TestWorld::start().await;
    for body in [json!({}), json!({ "content": 7 }), json!({ "content": "x", "scope": "WORLD" }), json!([])] {
        assert_eq!(world.as_runtime(Method::POST, MEMORIES, &body).await.status(), 400, "{body}");
    }
    assert!(world.inner.memories().is_empty());
}

#[tokio::test]
async fn returns_uploads_unchanged() {
    let world = TestWorld::start().await;
    let content = b"\0\xff--edge\r\ncode 42\r\n";
    let mut form =
        b"--the-edge\r\ncontent-disposition: form-data; name=\"files\"; filename=\"../a b.txt\"\r\n\r\n"
            .to_vec();
    form.extend_from_slice(content);
    form.extend_from_slice(b"\r\n--the-edge\r\ncontent-disposition: form-data; name=\"files\"; filename=\"b\"\r\n\r\n\r\n--the-edge--\r\n");
    let request = world.http.post(format!("{}{UPLOADS}", world.url)).bearer_auth(TOKEN);
    let request = request.header("content-type", "multipart/form-data; boundary=the-edge").body(form);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let uris: Vec<_> =
        answer["files"].as_array().unwrap().iter().map(|file| file["uri"].as_str().unwrap()).collect();
    let paths: Vec<_> = uris.iter().map(|uri| uri.strip_prefix("workspace:/").unwrap()).collect();
    assert!(paths.len() == 2 && paths[0] != paths[1], "{uris:?}");
    let get = async |path: String| world.as_runtime(Method::GET, &path, &Value::Null).await;
    let first = get(format!("{UPLOADS}/{}", paths[0])).await;
    assert_eq!((first.status().as_u16(), first.bytes().await.unwrap().as_ref()), (200, &content[..]));
    assert_eq!(get(format!("{UPLOADS}/{}", paths[1])).await.bytes().await.unwrap().len(), 0);
    assert_eq!(
        get(format!("/workspaces/w2/chat/uploads/{}", paths[0])).await.status(),
        404,
        "it belongs to another workspace"
    );
    assert_eq!(world.get(&format!("{UPLOADS}/{}", paths[0])).await.status(), 401, "it needs the token");
}

#[tokio::test]
async fn serves_uploads_by_token_or_signature() {
    let world = TestWorld::start().await;
    let upload = world.inner.upload("w1", "a.txt", "code 42".into()).unwrap();
    let uri = upload.workspace_uri();
    let path = format!("{UPLOADS}/{}", uri.strip_prefix("workspace:/").unwrap());
    let read = world.as_runtime(Method::GET, &path, &Value::Null).await;
    assert_eq!(read.text().await.unwrap(), "code 42");
    // a signed link needs no token, and a guessed signature is refused
    assert_eq!(world.get(&upload.signed_path()).await.text().await.unwrap(), "code 42");
    assert_eq!(world.get(&format!("{path}?signature=0000000000000000")).await.status(), 401);
    assert_eq!(world.as_runtime(Method::POST, UPLOADS, &json!({})).await.status(), 400);
}
