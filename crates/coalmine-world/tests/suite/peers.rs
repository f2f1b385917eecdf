//! Peer agents: found through the control plane, asked over A2A, and every question in the journal.

use coalmine_world::{
    CallKind, JournalPosition, Peer, PeerRule,
    model::{CallRule, Roles, Rule, RuleError, SimulatedModel},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Served;

fn peer(id: &str, rules: &[(&str, &str)]) -> Peer {
    let rules = rules.iter().map(|(when, reply)| PeerRule { when: (*when).into(), reply: (*reply).into() });
    Peer {
        id: id.into(),
        name: format!("The {id}"),
        description: format!("Knows about {id}"),
        rules: rules.collect(),
    }
}

async fn served() -> Served {
    let served = Served::new().await;
    let rules = [("rain", "It rains in Zorvane-4417."), ("weather", "It is dry.")];
    served.world.add_peers([peer("weather", &rules), peer("travel", &[])]).unwrap();
    served
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

/// The answer of the peer `weather`.
async fn call(served: &Served, method: &str, params: &Value) -> Value {
    let response = served.post("/peers/weather", request(method, params).to_string()).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!("r1")));
    answer
}

/// The task in the answer to a question, in 0.3.
async fn ask(served: &Served, context: Option<&str>, text: &str) -> Value {
    call(served, "message/send", &message(context, text)).await["result"].take()
}

fn answered(task: &Value) -> &Value {
    &task["artifacts"][0]["parts"][0]["text"]
}

#[tokio::test]
async fn the_first_rule_that_fits_answers_in_either_dialect_and_keeps_the_context() {
    let served = served().await;
    for (text, reply) in [
        ("Will it RAIN with this weather?", "It rains in Zorvane-4417."),
        ("The weather?", "It is dry."),
        ("What's my name?", "I cannot help with that."),
    ] {
        let task = ask(&served, Some("c1"), text).await;
        assert_eq!((&task["kind"], &task["status"]["state"]), (&json!("task"), &json!("completed")));
        assert_eq!((&task["contextId"], answered(&task)), (&json!("c1"), &json!(reply)));
        assert_eq!(task["artifacts"][0]["parts"][0]["kind"], "text");
        let new = call(&served, "SendMessage", &message(Some("c1"), text)).await;
        let task = &new["result"]["task"];
        assert_eq!((&task["kind"], &task["status"]["state"]), (&Value::Null, &json!("TASK_STATE_COMPLETED")));
        assert_eq!((&task["contextId"], answered(task)), (&json!("c1"), &json!(reply)));
        assert_eq!(task["artifacts"][0]["parts"][0].get("kind"), None);
    }
}

#[tokio::test]
async fn a_message_without_a_context_opens_one() {
    let served = served().await;
    let (first, second) = (ask(&served, None, "rain?").await, ask(&served, Some(""), "rain?").await);
    let ids = [&first["contextId"], &second["contextId"]].map(|id| id.as_str().unwrap());
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 36), "{ids:?}");
}

#[tokio::test]
async fn a_stream_tells_the_life_of_the_task_and_ends() {
    let served = served().await;
    for (method, ends) in [("message/stream", "completed"), ("SendStreamingMessage", "TASK_STATE_COMPLETED")]
    {
        let body = request(method, &message(Some("c1"), "rain?")).to_string();
        let response = served.post("/peers/weather/", body).await;
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
async fn a_task_can_be_asked_for_of_the_peer_that_has_it() {
    let served = served().await;
    let task = ask(&served, None, "rain?").await;
    let about = json!({ "id": task["id"] });
    assert_eq!(call(&served, "tasks/get", &about).await["result"], task);
    let new = call(&served, "GetTask", &about).await["result"].take();
    assert_eq!((&new["id"], answered(&new)), (&task["id"], answered(&task)));
    let other = served.post("/peers/travel", request("tasks/get", &about).to_string()).await;
    assert_eq!(other.json::<Value>().await.unwrap()["error"]["code"], -32001);
}

#[tokio::test]
async fn what_is_wrong_is_told_as_the_specification_says() {
    let served = served().await;
    let task = ask(&served, Some("c1"), "rain?").await;
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
        let error = call(&served, method, &params).await["error"].take();
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
        let answer: Value = served.post("/peers/weather", body).await.json().await.unwrap();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &Value::Null));
    }
    let error = call(&served, "GetTask", &json!({ "id": "x" })).await["error"].take();
    assert_eq!(error["data"][0]["reason"], "TASK_NOT_FOUND");
}

#[tokio::test]
async fn a_version_that_nobody_speaks_is_refused_and_the_question_is_kept_all_the_same() {
    let served = served().await;
    let asked = async |version: &str| {
        let body = request("SendMessage", &message(None, "rain?")).to_string();
        let sent = served.http.post(format!("{}/peers/weather", served.url)).header("A2A-Version", version);
        sent.body(body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(asked("1.0").await["error"], Value::Null);
    assert_eq!(asked("9.9").await["error"]["code"], -32009);
    let calls = served.world.peer_calls_since(JournalPosition::default());
    let answers: Vec<_> =
        calls.iter().map(|call| call.content.peer.as_ref().unwrap().answer.as_deref()).collect();
    assert_eq!(answers, [Some("It rains in Zorvane-4417."), None]);
}

#[tokio::test]
async fn the_card_names_the_address_under_which_it_was_asked_for() {
    let served = served().await;
    for path in ["/peers/weather/.well-known/agent-card.json", "/peers/weather//.well-known/agent.json"] {
        let request = served.http.get(format!("{}{path}", served.url)).header("host", "world:4444");
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
        assert_eq!(served.get(path).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn the_control_plane_tells_of_them_and_passes_on() {
    let served = served().await;
    let list: Value = served.get("/registry/w1/peers").await.json().await.unwrap();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["weather", "travel"]);
    let entry: Value = served.get("/registry/discover/weather").await.json().await.unwrap();
    assert_eq!((&entry, &entry["agent_card"]["url"]), (&list[0], &entry["url"]));
    assert_eq!(served.get("/registry/discover/nobody").await.status(), 404);
    // where the control plane says it is, it is
    let url = entry["url"].as_str().unwrap();
    let asked = served.http.post(url).body(request("message/send", &message(None, "rain?")).to_string());
    let answer: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(answered(&answer["result"]), "It rains in Zorvane-4417.");

    let bare = json!({ "method": "message/send", "params": message(None, "rain?") });
    let passed = served.as_runtime(Method::POST, "/workspaces/weather/a2a", &bare).await;
    let answer: Value = passed.json().await.unwrap();
    assert_eq!(
        (&answer["jsonrpc"], answered(&answer["result"])),
        (&json!("2.0"), &json!("It rains in Zorvane-4417."))
    );
    let whole = request("message/send", &message(None, "rain?"));
    let passed = served.as_runtime(Method::POST, "/workspaces/weather/a2a", &whole).await;
    assert_eq!(passed.json::<Value>().await.unwrap()["id"], "r1");
    assert_eq!(served.as_runtime(Method::POST, "/workspaces/w1/a2a", &bare).await.status(), 404);
    assert_eq!(
        served.post("/workspaces/weather/a2a", bare.to_string()).await.status(),
        401,
        "it needs the token"
    );
    let kinds: Vec<_> = served
        .world
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
async fn the_journal_says_what_was_asked_and_what_went_along() {
    let served = served().await;
    served.get("/registry/discover/weather").await;
    served.get("/peers/weather/.well-known/agent-card.json").await;
    let position = served.world.journal_position();
    let mut params = message(Some("c1"), "Will it rain?");
    params["metadata"] = json!({ "history": [{ "parts": [{ "text": "my name is Tepuz-4305" }] }] });
    call(&served, "message/send", &params).await;
    call(&served, "message/send", &json!({ "message": { "parts": [{ "text": "Tepuz-4306" }] } })).await;
    let calls = served.world.peer_calls_since(position);
    let inquiry = calls[0].content.peer.as_ref().unwrap();
    assert_eq!((inquiry.id.as_str(), inquiry.text.as_str()), ("weather", "Will it rain?"));
    assert_eq!((inquiry.context_id.as_deref(), inquiry.message_id.as_deref()), (Some("c1"), Some("m1")));
    assert!(inquiry.everything.contains("my name is Tepuz-4305"), "{}", inquiry.everything);
    assert_eq!(inquiry.answer.as_deref(), Some("It rains in Zorvane-4417."));
    let refused = calls[1].content.peer.as_ref().unwrap();
    assert_eq!((refused.text.as_str(), &refused.answer), ("Tepuz-4306", &None));
    let lines = served.end().await.lines();
    let told: Vec<_> =
        lines.iter().map(|line| format!("{} {} {}", line["kind"], line["path"], line["dialect"])).collect();
    assert_eq!(
        told,
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
async fn peers_come_all_or_none_and_no_two_with_one_id() {
    let served = served().await;
    for id in ["", "a/b", "..", "a b", "weather", &"x".repeat(101)] {
        let refused = served.world.add_peers([peer("new", &[]), peer(id, &[])]);
        assert_eq!(refused, Err(RuleError::PeerId(id.into())), "{id}");
    }
    let refused = served.world.add_peers([peer("new", &[("(", "x")])]).unwrap_err();
    assert!(matches!(refused, RuleError::Pattern { key: "when", .. }), "{refused}");
    assert_eq!(served.get("/registry/discover/new").await.status(), 404);
    served.world.add_peers([peer("new", &[])]).unwrap();
    assert_eq!(served.get("/registry/discover/new").await.status(), 200);
}

#[tokio::test]
async fn no_provider_takes_a_peers_call() {
    let served = served().await;
    served
        .world
        .add_peers(["models", "v1", "v1beta", "registry"].map(|id| peer(id, &[("", "here")])))
        .unwrap();
    let body = request("message/send", &message(None, "x")).to_string();
    for id in ["models", "v1", "v1beta", "registry"] {
        let answer: Value = served.post(&format!("/peers/{id}"), body.clone()).await.json().await.unwrap();
        assert_eq!(answered(&answer["result"]), "here", "{id}");
        assert_eq!(served.get(&format!("/peers/{id}/.well-known/agent.json")).await.status(), 200, "{id}");
    }
}

#[test]
fn the_honest_model_asks_a_peer_by_its_name() {
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
