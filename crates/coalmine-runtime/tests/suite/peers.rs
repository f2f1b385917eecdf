//! Peers: offered to the model, asked over A2A, and sent only the question.

use serde_json::{Value, json};

use crate::support::{ModelServer, PeerPlatform, Reply, Runtime, last_text, task};

const ANSWER: &str = "It says: It rains in Zorvane-4417.";

/// Starts a model that asks the agent before the colon the question after it, and repeats the result.
async fn scripted_model() -> ModelServer {
    ModelServer::new(|prompt| {
        let is_result = prompt["messages"].as_array().unwrap().last().unwrap()["role"] == "tool";
        let asked = last_text(prompt);
        match asked.split_once(": ") {
            Some((agent, message)) if !is_result => {
                Reply::Call("ask_peer", json!({ "agent": agent, "message": message }))
            }
            _ => Reply::Text(format!("It says: {asked}")),
        }
    })
    .await
}

async fn start(model: &ModelServer, platform: &PeerPlatform, more: &[(&str, &str)]) -> Runtime {
    Runtime::with_env(model, &environment(platform, more)).await
}

fn environment<'a>(platform: &'a PeerPlatform, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("PLATFORM_URL", platform.url.as_str()), ("WORKSPACE_ID", "w1")], more].concat()
}

/// Returns the definition of the tool in a prompt.
fn tool(prompt: &Value) -> Option<&Value> {
    let tools = prompt["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]);
    tools.into_iter().find(|function| function["name"] == "ask_peer")
}

fn context(request: &Value) -> &str {
    request["params"]["message"]["contextId"].as_str().unwrap()
}

#[tokio::test]
async fn offers_and_asks_a_peer() {
    let (model, platform) = (scripted_model().await, PeerPlatform::raining().await);
    let runtime = start(&model, &platform, &[]).await;
    runtime.ask("c", "My name is Tepuz-4305").await;
    assert_eq!(runtime.ask("c", "weather: Where does it rain?").await, ANSWER);
    let prompts = model.prompts();
    let tool = tool(&prompts[0]).unwrap();
    assert_eq!(tool["parameters"]["properties"]["agent"]["enum"], json!(["weather"]));
    assert!(tool["description"].as_str().unwrap().ends_with("weather (The Weather): Knows when it rains"));
    let request = &platform.peer_requests()[0];
    assert_eq!((&request["jsonrpc"], &request["method"]), (&json!("2.0"), &json!("message/send")));
    let id = &request["id"];
    assert_eq!(
        request["params"]["message"],
        json!({
            "role": "user", "messageId": id, "contextId": context(request), "kind": "message",
            "parts": [{ "text": "Where does it rain?", "kind": "text" }],
        })
    );
    assert!(!request.to_string().contains("Tepuz-4305"), "nothing of the history goes along: {request}");
    let peer = &platform.calls("/rpc")[0];
    assert!(peer.headers.get("authorization").is_none(), "the platform's token is not the peer's");
    let discovery = &platform.calls("/registry/discover/weather")[0];
    assert_eq!(discovery.headers["x-workspace-id"], "w1");
}

#[tokio::test]
async fn each_context_has_its_own_conversation_with_a_peer() {
    let (model, platform) = (scripted_model().await, PeerPlatform::raining().await);
    let runtime = start(&model, &platform, &[]).await;
    for own in ["a", "a", "b"] {
        runtime.ask(own, "weather: Rain?").await;
    }
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment(&platform, &[])).await;
    runtime.ask("a", "weather: Rain?").await;
    let asked = platform.peer_requests();
    let [first, second, other, later] = [0, 1, 2, 3].map(|at: usize| context(&asked[at]));
    assert_eq!((first, first), (second, later));
    assert_ne!(first, other);
    assert!([first, other].iter().all(|id| id.len() == 36), "{first} {other}");
}

#[tokio::test]
async fn continues_in_a_context_that_the_peer_opened() {
    let card = json!({ "url": "http://0.0.0.0/rpc" });
    let platform = PeerPlatform::new(card, |_| task(&json!("theirs"), "It rains in Zorvane-4417.")).await;
    let model = scripted_model().await;
    let runtime = start(&model, &platform, &[]).await;
    runtime.ask("a", "weather: Rain?").await;
    assert_eq!(runtime.ask("a", "weather: Rain?").await, ANSWER);
    let asked = platform.peer_requests();
    assert_ne!(context(&asked[0]), "theirs");
    assert_eq!(context(&asked[1]), "theirs");
}

#[tokio::test]
async fn asks_a_peer_by_name_in_its_dialect() {
    let interface = json!({ "url": "http://x/rpc", "protocolBinding": "JSONRPC", "protocolVersion": "1.0" });
    let answer = json!({ "task": {
        "id": "t", "status": { "state": "TASK_STATE_COMPLETED" },
        "artifacts": [{ "parts": [{ "text": "It rains in Zorvane-4417." }] }],
    } });
    let platform =
        PeerPlatform::new(json!({ "supportedInterfaces": [interface] }), move |_| answer.clone()).await;
    let model = scripted_model().await;
    let runtime = start(&model, &platform, &[]).await;
    assert_eq!(runtime.ask("a", "the weather: Rain?").await, ANSWER);
    let call = &platform.calls("/rpc")[0];
    assert_eq!(
        (&call.headers["a2a-version"], &call.body["method"]),
        (&"1.0".parse().unwrap(), &json!("SendMessage"))
    );
    let message = &call.body["params"]["message"];
    assert_eq!((&message["role"], message.get("kind")), (&json!("ROLE_USER"), None));
    assert_eq!(message["parts"], json!([{ "text": "Rain?" }]));
}

#[tokio::test]
async fn model_gets_errors_of_peers() {
    let platform = PeerPlatform::new(json!({ "url": "http://x/rpc" }), |request| {
        match request["params"]["message"]["parts"][0]["text"].as_str().unwrap() {
            "refuse" => json!({ "code": -32602, "message": "not like this" }),
            "fail" => {
                json!({ "status": { "state": "failed", "message": { "parts": [{ "text": "no fuel" }] } } })
            }
            _ => json!({ "status": { "state": "working" } }),
        }
    })
    .await;
    let model = scripted_model().await;
    let runtime = start(&model, &platform, &[]).await;
    for (text, reason) in [
        (
            "moon: Rain?",
            "could not locate the peer `moon`: the answer was 404 Not Found; known peers: weather",
        ),
        ("../register: Rain?", "could not locate the peer `../register`"),
        ("weather: refuse", "not like this"),
        ("weather: fail", "the task is `failed` no fuel"),
        ("weather: wait", "the task is `working`"),
    ] {
        let answer = runtime.ask("c", text).await;
        assert!(answer.starts_with("It says: error: ") && answer.contains(reason), "{answer}");
    }
    assert_eq!(platform.peer_requests().len(), 3);
}

#[tokio::test]
async fn offers_no_peer_without_a_platform() {
    let model = scripted_model().await;
    let runtime = Runtime::start(&model).await;
    let answer = runtime.ask("c", "weather: Rain?").await;
    assert!(answer.contains("`PLATFORM_URL` is not set"), "{answer}");
    assert_eq!(tool(&model.prompts()[0]), None);
}

#[tokio::test]
async fn lists_peers_once_and_never_in_canary_mode() {
    let (model, platform) = (scripted_model().await, PeerPlatform::raining().await);
    let runtime = start(&model, &platform, &[]).await;
    let turns = [runtime.ask("a", "x"), runtime.ask("b", "x"), runtime.ask("c", "weather: Rain?")];
    futures_util::future::join_all(turns).await;
    assert_eq!(platform.calls("/registry/w1/peers").len(), 1);
    let quiet = PeerPlatform::raining().await;
    start(&model, &quiet, &[("MOLECULE_CANARY_MODE", "1")]).await.ask("a", "x").await;
    assert!(quiet.calls("/registry/w1/peers").is_empty());
}

#[tokio::test]
async fn history_leaked_sends_the_conversation() {
    let (model, platform) = (scripted_model().await, PeerPlatform::raining().await);
    let runtime = start(&model, &platform, &[("COALMINE_FAULT", "tool.peer-history-leaked")]).await;
    runtime.ask("c", "My name is Tepuz-4305").await;
    assert_eq!(runtime.ask("c", "weather: Rain?").await, ANSWER);
    let message = &platform.peer_requests()[0]["params"]["message"];
    assert!(message["parts"][0]["text"].as_str().unwrap().contains("Tepuz-4305"));
    assert!(message["parts"][0]["text"].as_str().unwrap().ends_with("Rain?"));
    assert_eq!(message["metadata"]["history"][0]["parts"][0]["text"], "My name is Tepuz-4305");
    assert_ne!(message["contextId"], "c");
}

#[tokio::test]
async fn context_shared_uses_the_users_context() {
    let (model, platform) = (scripted_model().await, PeerPlatform::raining().await);
    let runtime = start(&model, &platform, &[("COALMINE_FAULT", "tool.peer-context-shared")]).await;
    assert_eq!(runtime.ask("c", "weather: Rain?").await, ANSWER);
    let request = &platform.peer_requests()[0];
    assert_eq!((context(request), request["params"]["message"].get("metadata")), ("c", None));
}

#[tokio::test]
async fn answer_dropped_hides_the_answer_from_the_model() {
    let (model, platform) = (scripted_model().await, PeerPlatform::raining().await);
    let runtime = start(&model, &platform, &[("COALMINE_FAULT", "tool.peer-answer-dropped")]).await;
    assert_eq!(runtime.ask("c", "weather: Rain?").await, "It says: ");
    assert_eq!(platform.peer_requests().len(), 1);
    assert!(!model.prompts()[1].to_string().contains("Zorvane-4417"));
}
