//! Peer agents: discovered through the control plane, asked over A2A, and recorded in the journal.

use coalmine_world::{
    CallKind, JournalPosition, Peer, PeerRule,
    model::{CallRule, Roles, Rule, RuleError, SimulatedModel},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestWorld;

fn peer(id: &str, rules: &[(&str, &str)]) -> Peer {
    let rules = rules.iter().map(|(when, reply)| PeerRule { when: (*when).into(), reply: (*reply).into() });
    Peer {
        id: id.into(),
        name: format!("The {id}"),
        description: format!("Knows about {id}"),
        rules: rules.collect(),
    }
}

async fn world_with_peers() -> TestWorld {
    let world = TestWorld::start().await;
    let rules = [("rain", "It rains in Zorvane-4417."), ("weather", "It is dry.")];
    world.inner.add_peers([peer("weather", &rules), peer("travel", &[])]).unwrap();
    world
}

fn message(context: Option<&str>, text: &str) -> Value {
    json!({ "message": {
        "kind": "message", "messageId": "m1", "role": "user", "contextId": context,
        "parts": [{ "kind": "text", "text": text }],
    } })
}

fn request(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": "r1", "method": method, "params": params })
}

/// Calls the peer `weather`, and returns its response.
async fn call(world: &TestWorld, method: &str, params: &Value) -> Value {
    let response = world.post("/peers/weather", request(method, params).to_string()).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!("r1")));
    answer
}

/// Asks the peer `weather` in 0.3, and returns the task.
async fn ask(world: &TestWorld, context: Option<&str>, text: &str) -> Value {
    call(world, "message/send", &message(context, text)).await["result"].take()
}

fn answer_of(task: &Value) -> &Value {
    &task["artifacts"][0]["parts"][0]["text"]
}

#[tokio::test]
async fn answers_by_rules_in_both_versions() {
    let world = world_with_peers().await;
    for (text, reply) in [
        ("Will it RAIN with this weather?", "It rains in Zorvane-4417."),
        ("The weather?", "It is dry."),
        ("What's my name?", "I cannot help with that."),
    ] {
        let task = ask(&world, Some("c1"), text).await;
        assert_eq!((&task["kind"], &task["status"]["state"]), (&json!("task"), &json!("completed")));
        assert_eq!((&task["contextId"], answer_of(&task)), (&json!("c1"), &json!(reply)));
        assert_eq!(task["artifacts"][0]["parts"][0]["kind"], "text");
        let new = call(&world, "SendMessage", &message(Some("c1"), text)).await;
        let task = &new["result"]["task"];
        assert_eq!((&task["kind"], &task["status"]["state"]), (&Value::Null, &json!("TASK_STATE_COMPLETED")));
        assert_eq!((&task["contextId"], answer_of(task)), (&json!("c1"), &json!(reply)));
        assert_eq!(task["artifacts"][0]["parts"][0].get("kind"), None);
    }
}

#[tokio::test]
async fn message_without_context_opens_one() {
    let world = world_with_peers().await;
    let (first, second) = (ask(&world, None, "rain?").await, ask(&world, Some(""), "rain?").await);
    let ids = [&first["contextId"], &second["contextId"]].map(|id| id.as_str().unwrap());
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 36), "{ids:?}");
}

#[tokio::test]
async fn streams_the_events_of_a_task() {
    let world = world_with_peers().await;
    for (method, ends) in [("message/stream", "completed"), ("SendStreamingMessage", "TASK_STATE_COMPLETED")]
    {
        let body = request(method, &message(Some("c1"), "rain?")).to_string();
        let response = world.post("/peers/weather/", body).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = response.text().await.unwrap();
        let events: Vec<Value> = text
            .split_terminator("\n\n")
            .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
            .map(|answer: Value| answer["result"].clone())
            .collect();
        let kinds: Vec<_> = events
            .iter()
            .map(|event| match event["kind"].as_str() {
                Some(kind) => kind,
                None => event.as_object().unwrap().keys().next().unwrap(),
            })
            .collect();
        let last = match method {
            "message/stream" => {
                assert_eq!(kinds, ["task", "status-update", "artifact-update", "status-update"]);
                assert_eq!((&events[1]["final"], &events[3]["final"]), (&json!(false), &json!(true)));
                assert_eq!(events[2]["artifact"]["parts"][0]["text"], "It rains in Zorvane-4417.");
                &events[3]
            }
            _ => {
                assert_eq!(kinds, ["task", "statusUpdate", "artifactUpdate", "statusUpdate"]);
                let artifact = &events[2]["artifactUpdate"]["artifact"];
                assert_eq!(artifact["parts"][0]["text"], "It rains in Zorvane-4417.");
                &events[3]["statusUpdate"]
            }
        };
        assert_eq!((&last["status"]["state"], &last["contextId"]), (&json!(ends), &json!("c1")));
    }
}

#[tokio::test]
async fn returns_tasks_of_the_same_peer_only() {
    let world = world_with_peers().await;
    let task = ask(&world, None, "rain?").await;
    let about = json!({ "id": task["id"] });
    assert_eq!(call(&world, "tasks/get", &about).await["result"], task);
    let new = call(&world, "GetTask", &about).await["result"].take();
    assert_eq!((&new["id"], answer_of(&new)), (&task["id"], answer_of(&task)));
    let other = world.post("/peers/travel", request("tasks/get", &about).to_string()).await;
    assert_eq!(other.json::<Value>().await.unwrap()["error"]["code"], -32001);
}

#[tokio::test]
async fn refuses_as_the_specification_says() {
    let world = world_with_peers().await;
    let task = ask(&world, Some("c1"), "rain?").await;
    let with = |name: &str, value: Value| {
        let mut params = message(None, "rain?");
        params["message"][name] = value;
        params
    };
    let mut other_context = with("taskId", task["id"].clone());
    other_context["message"]["contextId"] = json!("c2");
    for (method, params, code) in [
        ("message/sent", json!({}), -32601),
        ("message/send", json!({}), -32602),
        ("message/send", with("parts", json!([])), -32602),
        ("message/send", with("messageId", Value::Null), -32602),
        ("message/send", with("contextId", json!(7)), -32602),
        ("message/send", with("contextId", json!("c".repeat(1001))), -32602),
        ("message/send", with("taskId", json!("nobody's")), -32001),
        ("message/stream", with("taskId", task["id"].clone()), -32004),
        ("message/send", other_context, -32602),
        ("tasks/get", json!({}), -32602),
        ("tasks/get", json!({ "id": "nobody's" }), -32001),
        ("tasks/cancel", json!({ "id": task["id"] }), -32002),
        ("tasks/resubscribe", json!({ "id": task["id"] }), -32004),
        ("tasks/pushNotificationConfig/set", json!({}), -32003),
        ("agent/getAuthenticatedExtendedCard", json!({}), -32007),
        ("ListTasks", json!({}), -32004),
    ] {
        let error = call(&world, method, &params).await["error"].take();
        assert_eq!(error["code"], code, "{method} {params}");
    }
    for (body, code) in [
        ("{".to_owned(), -32700),
        ("[]".to_owned(), -32600),
        ("{\"jsonrpc\":\"2.0\",\"method\":\"message/send\",\"id\":{}}".to_owned(), -32600),
        ("{\"method\":\"message/send\"}".to_owned(), -32600),
        ("{\"jsonrpc\":\"2.0\"}".to_owned(), -32600),
        (format!("[{}]", "1,".repeat(2_000_001)), -32600),
    ] {
        let answer: Value = world.post("/peers/weather", body).await.json().await.unwrap();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &Value::Null));
    }
    let error = call(&world, "GetTask", &json!({ "id": "x" })).await["error"].take();
    assert_eq!(error["data"][0]["reason"], "TASK_NOT_FOUND");
}

#[tokio::test]
async fn refuses_unknown_versions_but_records_the_message() {
    let world = world_with_peers().await;
    let asked = async |version: &str| {
        let body = request("SendMessage", &message(None, "rain?")).to_string();
        let sent = world.http.post(format!("{}/peers/weather", world.url)).header("A2A-Version", version);
        sent.body(body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(asked("1.0").await["error"], Value::Null);
    assert_eq!(asked("9.9").await["error"]["code"], -32009);
    let calls = world.inner.peer_calls_since(JournalPosition::default());
    let answers: Vec<_> =
        calls.iter().map(|call| call.content.peer.as_ref().unwrap().answer.as_deref()).collect();
    assert_eq!(answers, [Some("It rains in Zorvane-4417."), None]);
}

#[tokio::test]
async fn card_has_the_address_it_was_fetched_from() {
    let world = world_with_peers().await;
    for path in ["/peers/weather/.well-known/agent-card.json", "/peers/weather//.well-known/agent.json"] {
        let request = world.http.get(format!("{}{path}", world.url)).header("host", "world:4444");
        let card: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(
            (&card["name"], &card["url"]),
            (&json!("The weather"), &json!("http://world:4444/peers/weather/"))
        );
        let offered: Vec<_> = card["supportedInterfaces"]
            .as_array()
            .unwrap()
            .iter()
            .map(|interface| {
                (interface["protocolVersion"].as_str().unwrap(), interface["url"] == card["url"])
            })
            .collect();
        assert_eq!(offered, [("1.0", true), ("0.3", true)]);
    }
    for (path, status) in [
        ("/peers/weather", 405),
        ("/peers/weather/agent-card", 404),
        ("/peers/nobody/.well-known/agent-card.json", 404),
        ("/peers/", 404),
        ("/peers", 404),
    ] {
        assert_eq!(world.get(path).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn control_plane_lists_and_forwards() {
    let world = world_with_peers().await;
    let list: Value = world.get("/registry/w1/peers").await.json().await.unwrap();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["weather", "travel"]);
    let entry: Value = world.get("/registry/discover/weather").await.json().await.unwrap();
    assert_eq!((&entry, &entry["agent_card"]["url"]), (&list[0], &entry["url"]));
    assert_eq!(world.get("/registry/discover/nobody").await.status(), 404);
    // the URL of the entry works
    let url = entry["url"].as_str().unwrap();
    let asked = world.http.post(url).body(request("message/send", &message(None, "rain?")).to_string());
    let answer: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer_of(&answer["result"]), "It rains in Zorvane-4417.");

    let bare = json!({ "method": "message/send", "params": message(None, "rain?") });
    let forwarded = world.as_runtime(Method::POST, "/workspaces/weather/a2a", &bare).await;
    let answer: Value = forwarded.json().await.unwrap();
    assert_eq!(
        (&answer["jsonrpc"], answer_of(&answer["result"])),
        (&json!("2.0"), &json!("It rains in Zorvane-4417."))
    );
    let whole = request("message/send", &message(None, "rain?"));
    let forwarded = world.as_runtime(Method::POST, "/workspaces/weather/a2a", &whole).await;
    assert_eq!(forwarded.json::<Value>().await.unwrap()["id"], "r1");
    assert_eq!(world.as_runtime(Method::POST, "/workspaces/w1/a2a", &bare).await.status(), 404);
    assert_eq!(
        world.post("/workspaces/weather/a2a", bare.to_string()).await.status(),
        401,
        "the token is required"
    );
    let kinds: Vec<_> = world
        .inner
        .peer_calls_since(JournalPosition::default())
        .iter()
        .map(|call| (call.kind, call.path.clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (CallKind::Peer, "/peers/weather/".to_owned()),
            (CallKind::Peer, "/workspaces/weather/a2a".to_owned()),
            (CallKind::Peer, "/workspaces/weather/a2a".to_owned()),
        ]
    );
}

#[tokio::test]
async fn journal_records_everything_that_was_sent() {
    let world = world_with_peers().await;
    world.get("/registry/discover/weather").await;
    world.get("/peers/weather/.well-known/agent-card.json").await;
    let position = world.inner.journal_position();
    let mut params = message(Some("c1"), "Will it rain?");
    params["metadata"] = json!({ "history": [{ "parts": [{ "text": "my name is Tepuz-4305" }] }] });
    call(&world, "message/send", &params).await;
    call(&world, "message/send", &json!({ "message": { "parts": [{ "text": "Tepuz-4306" }] } })).await;
    let calls = world.inner.peer_calls_since(position);
    let inquiry = calls[0].content.peer.as_ref().unwrap();
    assert_eq!((inquiry.id.as_str(), inquiry.text.as_str()), ("weather", "Will it rain?"));
    assert_eq!((inquiry.context_id.as_deref(), inquiry.message_id.as_deref()), (Some("c1"), Some("m1")));
    assert!(inquiry.everything.contains("my name is Tepuz-4305"), "{}", inquiry.everything);
    assert_eq!(inquiry.answer.as_deref(), Some("It rains in Zorvane-4417."));
    let refused = calls[1].content.peer.as_ref().unwrap();
    assert_eq!((refused.text.as_str(), &refused.answer), ("Tepuz-4306", &None));
    let lines = world.end().await.lines();
    let summaries: Vec<_> =
        lines.iter().map(|line| format!("{} {} {}", line["kind"], line["path"], line["dialect"])).collect();
    assert_eq!(
        summaries,
        [
            r#""control" "/registry/discover/weather" null"#,
            r#""peer" "/peers/weather/.well-known/agent-card.json" null"#,
            r#""peer" "/peers/weather" "a2a-0.3""#,
            r#""peer" "/peers/weather" "a2a-0.3""#,
        ]
    );
    assert_eq!(lines[2]["peer"]["text"], "Will it rain?");
}

#[tokio::test]
async fn adds_all_peers_or_none() {
    let world = world_with_peers().await;
    for id in ["", "a/b", "..", "a b", "weather", &"x".repeat(101)] {
        let refused = world.inner.add_peers([peer("new", &[]), peer(id, &[])]);
        assert_eq!(refused, Err(RuleError::PeerId(id.into())), "{id}");
    }
    let refused = world.inner.add_peers([peer("new", &[("(", "x")])]).unwrap_err();
    assert!(matches!(refused, RuleError::Pattern { key: "when", .. }), "{refused}");
    assert_eq!(world.get("/registry/discover/new").await.status(), 404);
    world.inner.add_peers([peer("new", &[])]).unwrap();
    assert_eq!(world.get("/registry/discover/new").await.status(), 200);
}

#[tokio::test]
async fn providers_do_not_capture_calls_of_peers() {
    let world = world_with_peers().await;
    world
        .inner
        .add_peers(["models", "v1", "v1beta", "registry"].map(|id| peer(id, &[("", "here")])))
        .unwrap();
    let body = request("message/send", &message(None, "x")).to_string();
    for id in ["models", "v1", "v1beta", "registry"] {
        let answer: Value = world.post(&format!("/peers/{id}"), body.clone()).await.json().await.unwrap();
        assert_eq!(answer_of(&answer["result"]), "here", "{id}");
        assert_eq!(world.get(&format!("/peers/{id}/.well-known/agent.json")).await.status(), 200, "{id}");
    }
}

#[test]
fn model_asks_a_peer_by_its_name() {
    let rule = Rule {
        when: "rain".into(),
        recall: Some("rains in (?<place>[A-Z][a-z]+-[0-9]+)".into()),
        call: Some(CallRule {
            role: "peer".into(),
            with: "Where does it rain?".into(),
            args: [("agent".into(), "weather".into())].into(),
        }),
        reply: "In {place}.".into(),
        ..Rule::default()
    };
    let model = SimulatedModel::new([rule], &Roles::from([("peer".into(), "ask_peer".into())])).unwrap();
    let text = coalmine_world::Message::text;
    let parameters = json!({
        "type": "object", "required": ["agent", "message"],
        "properties": { "agent": { "type": "string", "enum": ["travel", "weather"] }, "message": { "type": "string" } },
    });
    let mut asked = coalmine_world::Prompt {
        messages: vec![text(coalmine_world::Role::User, "Where is rain?")],
        tools: vec![coalmine_world::ToolOffer { name: "ask_peer".into(), parameters }],
        ..Default::default()
    };
    let calls = model.answer(&asked).calls;
    assert_eq!(calls[0].arguments, json!({ "agent": "weather", "message": "Where does it rain?" }));
    let called = coalmine_world::Message { calls, ..text(coalmine_world::Role::Assistant, "") };
    asked.messages.extend([called, text(coalmine_world::Role::Tool, "It rains in Zorvane-4417.")]);
    assert_eq!(model.answer(&asked).text, "In Zorvane-4417.");
}
