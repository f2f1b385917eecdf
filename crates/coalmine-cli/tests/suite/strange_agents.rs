//! Runtimes that are particular about ids, or whose card is wrong: findings.

use serde_json::{Value, json};

use crate::support::{AgentServer, Sandbox, ask_model, free_address};

/// What an agent does with a `contextId` that is not a UUID.
#[derive(Debug, Clone, Copy)]
enum PlainIds {
    Taken,
    /// The message is refused.
    Refused,
    /// The task fails.
    Failed,
}

/// Answers without a memory, which no question of `isolation` needs.
async fn answer(world: String, plain: PlainIds, request: Value) -> Value {
    let message = &request["params"]["message"];
    let context = message["contextId"].as_str().unwrap_or("made-by-the-agent");
    match (plain, context.len() == 36) {
        (PlainIds::Refused, false) => {
            return json!({"error": {"code": -32602, "message": "badly formed hexadecimal UUID string"}});
        }
        (PlainIds::Failed, false) => {
            let task =
                json!({"kind": "task", "id": "t", "contextId": context, "status": {"state": "failed"}});
            return json!({"result": task});
        }
        _ => {}
    }
    let said = SAID.lock().await.entry(context.to_owned()).or_default().clone();
    let question = json!({"role": "user", "content": message["parts"][0]["text"]});
    let prompt = [said, vec![question.clone()]].concat();
    let answered = ask_model(&world, &prompt, &[]).await;
    SAID.lock().await.entry(context.to_owned()).or_default().extend([question, answered.clone()]);
    let parts = json!([{"kind": "text", "text": answered["content"]}]);
    json!({"result": {"kind": "message", "messageId": "a", "role": "agent", "contextId": context, "parts": parts}})
}

/// The messages of each conversation; contexts are unique.
static SAID: tokio::sync::Mutex<std::collections::BTreeMap<String, Vec<Value>>> =
    tokio::sync::Mutex::const_new(std::collections::BTreeMap::new());

async fn findings(plain: PlainIds, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let (sandbox, world) = (Sandbox::new(), free_address());
    let address = world.clone();
    let server = AgentServer::with_card(change, move |request| answer(address.clone(), plain, request)).await;
    let canaries = ["--canary", "agent-card,name-recall"];
    let done = sandbox.run(&[&["--url", &server.url, "--world", &world], &canaries[..]].concat()).await;
    done.code(0);
    let summary = sandbox.summary();
    let findings = summary["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn runtime_that_takes_only_uuids_is_reported() {
    assert!(findings(PlainIds::Taken, |_| {}).await.is_empty());
    assert_eq!(findings(PlainIds::Refused, |_| {}).await, ["drift.context-form"]);
    assert_eq!(findings(PlainIds::Failed, |_| {}).await, ["drift.context-form"]);
}

#[tokio::test]
async fn card_with_a_dead_port_is_reported() {
    for (url, expected) in [
        ("http://localhost:1/", vec!["card.dead-address"]),
        ("http://127.0.0.1:1/", vec!["card.dead-address"]),
        // its host is not the runtime's, which says nothing
        ("http://agent.invalid:1/", vec![]),
    ] {
        assert_eq!(findings(PlainIds::Taken, |card| card["url"] = url.into()).await, expected, "{url}");
    }
}
