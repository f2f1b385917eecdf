//! Peers: offered to the model, asked over A2A, and told nothing but the question.

use serde_json::{Value, json};

use crate::support::{Platform, Reply, Runtime, World, asked, task};

const ANSWER: &str = "It says: It rains in Zorvane-4417.";

/// A model that asks the agent before the colon what stands after it, and tells what it got.
async fn world() -> World {
    World::new(|prompt| {
        let is_result = prompt["messages"].as_array().unwrap().last().unwrap()["role"] == "tool";
        let asked = asked(prompt);
        match asked.split_once(": ") {
            Some((agent, message)) if !is_result => {
                Reply::Call("ask_peer", json!({ "agent": agent, "message": message }))
            }
            _ => Reply::Text(format!("It says: {asked}")),
        }
    })
    .await
}

async fn beside(world: &World, platform: &Platform, more: &[(&str, &str)]) -> Runtime {
    Runtime::with(world, &environment(platform, more)).await
}

fn environment<'a>(platform: &'a Platform, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("PLATFORM_URL", platform.url.as_str()), ("WORKSPACE_ID", "w1")], more].concat()
}

/// The tool as it is offered in a prompt.
fn offer(prompt: &Value) -> Option<&Value> {
    let tools = prompt["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]);
    tools.into_iter().find(|function| function["name"] == "ask_peer")
}

fn context(request: &Value) -> &str {
    request["params"]["message"]["contextId"].as_str().unwrap()
}

#[tokio::test]
async fn a_peer_is_offered_asked_and_its_answer_comes_back() {
    let (world, platform) = (world().await, Platform::raining().await);
    let runtime = beside(&world, &platform, &[]).await;
    runtime.ask("c", "My name is Tepuz-4305").await;
    assert_eq!(runtime.ask("c", "weather: Where does it rain?").await, ANSWER);
    let prompts = world.prompts();
    let offer = offer(&prompts[0]).unwrap();
    assert_eq!(offer["parameters"]["properties"]["agent"]["enum"], json!(["weather"]));
    assert!(offer["description"].as_str().unwrap().ends_with("weather (The Weather): Knows when it rains"));
    let request = &platform.asked()[0];
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
async fn each_conversation_has_one_of_its_own_with_the_peer_also_after_a_restart() {
    let (world, platform) = (world().await, Platform::raining().await);
    let runtime = beside(&world, &platform, &[]).await;
    for own in ["a", "a", "b"] {
        runtime.ask(own, "weather: Rain?").await;
    }
    let runtime = Runtime::on(runtime.stop().await, &world, &environment(&platform, &[])).await;
    runtime.ask("a", "weather: Rain?").await;
    let asked = platform.asked();
    let [first, second, other, later] = [0, 1, 2, 3].map(|at: usize| context(&asked[at]));
    assert_eq!((first, first), (second, later));
    assert_ne!(first, other);
    assert!([first, other].iter().all(|id| id.len() == 36), "{first} {other}");
}

#[tokio::test]
async fn a_peer_that_opens_a_context_of_its_own_is_asked_there_again() {
    let card = json!({ "url": "http://0.0.0.0/rpc" });
    let platform = Platform::new(card, |_| task(&json!("theirs"), "It rains in Zorvane-4417.")).await;
    let world = world().await;
    let runtime = beside(&world, &platform, &[]).await;
    runtime.ask("a", "weather: Rain?").await;
    assert_eq!(runtime.ask("a", "weather: Rain?").await, ANSWER);
    let asked = platform.asked();
    assert_ne!(context(&asked[0]), "theirs");
    assert_eq!(context(&asked[1]), "theirs");
}

#[tokio::test]
async fn a_peer_of_1_0_is_asked_in_1_0_and_by_its_name() {
    let interface = json!({ "url": "http://x/rpc", "protocolBinding": "JSONRPC", "protocolVersion": "1.0" });
    let answer = json!({ "task": {
        "id": "t", "status": { "state": "TASK_STATE_COMPLETED" },
        "artifacts": [{ "parts": [{ "text": "It rains in Zorvane-4417." }] }],
    } });
    let platform =
        Platform::new(json!({ "supportedInterfaces": [interface] }), move |_| answer.clone()).await;
    let world = world().await;
    let runtime = beside(&world, &platform, &[]).await;
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
async fn what_goes_wrong_is_told_to_the_model() {
    let platform = Platform::new(json!({ "url": "http://x/rpc" }), |request| {
        match request["params"]["message"]["parts"][0]["text"].as_str().unwrap() {
            "refuse" => json!({ "code": -32602, "message": "not like this" }),
            "fail" => {
                json!({ "status": { "state": "failed", "message": { "parts": [{ "text": "no fuel" }] } } })
            }
            _ => json!({ "status": { "state": "working" } }),
        }
    })
    .await;
    let world = world().await;
    let runtime = beside(&world, &platform, &[]).await;
    for (said, told) in [
        (
            "moon: Rain?",
            "does not say where the peer `moon` is: the answer was 404 Not Found; it knows: weather",
        ),
        ("../register: Rain?", "where the peer `../register` is"),
        ("weather: refuse", "not like this"),
        ("weather: fail", "the task is `failed` no fuel"),
        ("weather: wait", "the task is `working`"),
    ] {
        let answer = runtime.ask("c", said).await;
        assert!(answer.starts_with("It says: error: ") && answer.contains(told), "{answer}");
    }
    assert_eq!(platform.asked().len(), 3);
}

#[tokio::test]
async fn without_a_platform_there_is_no_peer() {
    let world = world().await;
    let runtime = Runtime::start(&world).await;
    let answer = runtime.ask("c", "weather: Rain?").await;
    assert!(answer.contains("`PLATFORM_URL` is not set"), "{answer}");
    assert_eq!(offer(&world.prompts()[0]), None);
}

#[tokio::test]
async fn the_platform_is_asked_for_its_peers_once_in_many_turns_and_in_canary_mode_never() {
    let (world, platform) = (world().await, Platform::raining().await);
    let runtime = beside(&world, &platform, &[]).await;
    let turns = [runtime.ask("a", "x"), runtime.ask("b", "x"), runtime.ask("c", "weather: Rain?")];
    futures_util::future::join_all(turns).await;
    assert_eq!(platform.calls("/registry/w1/peers").len(), 1);
    let quiet = Platform::raining().await;
    beside(&world, &quiet, &[("MOLECULE_CANARY_MODE", "1")]).await.ask("a", "x").await;
    assert!(quiet.calls("/registry/w1/peers").is_empty());
}

#[tokio::test]
async fn history_leaked_sends_what_was_said_along() {
    let (world, platform) = (world().await, Platform::raining().await);
    let runtime = beside(&world, &platform, &[("COALMINE_FAULT", "tool.peer-history-leaked")]).await;
    runtime.ask("c", "My name is Tepuz-4305").await;
    assert_eq!(runtime.ask("c", "weather: Rain?").await, ANSWER);
    let message = &platform.asked()[0]["params"]["message"];
    assert!(message["parts"][0]["text"].as_str().unwrap().contains("Tepuz-4305"));
    assert!(message["parts"][0]["text"].as_str().unwrap().ends_with("Rain?"));
    assert_eq!(message["metadata"]["history"][0]["parts"][0]["text"], "My name is Tepuz-4305");
    assert_ne!(message["contextId"], "c");
}

#[tokio::test]
async fn context_shared_asks_under_the_users_own() {
    let (world, platform) = (world().await, Platform::raining().await);
    let runtime = beside(&world, &platform, &[("COALMINE_FAULT", "tool.peer-context-shared")]).await;
    assert_eq!(runtime.ask("c", "weather: Rain?").await, ANSWER);
    let request = &platform.asked()[0];
    assert_eq!((context(request), request["params"]["message"].get("metadata")), ("c", None));
}

#[tokio::test]
async fn answer_dropped_asks_and_gives_the_model_nothing() {
    let (world, platform) = (world().await, Platform::raining().await);
    let runtime = beside(&world, &platform, &[("COALMINE_FAULT", "tool.peer-answer-dropped")]).await;
    assert_eq!(runtime.ask("c", "weather: Rain?").await, "It says: ");
    assert_eq!(platform.asked().len(), 1);
    assert!(!world.prompts()[1].to_string().contains("Zorvane-4417"));
}
