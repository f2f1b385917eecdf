//! Runtimes whose tools wait for the user's yes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use crate::support::{AgentServer, Sandbox, ask_model, codes, free_address};

/// What an agent with a memory tool does with the user's yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Yes {
    /// The tool runs, and the model goes on.
    GoesOn,
    /// The model is asked from the beginning.
    BeginsAgain,
    /// The message is refused.
    Refused,
}

#[derive(Default)]
struct Agent {
    memory: Vec<String>,
    /// By task, the prompt whose last message calls the tool that waits.
    waiting: HashMap<String, Vec<Value>>,
    asked: usize,
}

fn tool(name: &str) -> Value {
    let parameters =
        json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]});
    json!({"type": "function", "function": {"name": name, "description": "d", "parameters": parameters}})
}

async fn answer(agent: Arc<Mutex<Agent>>, world: String, yes: Yes, request: Value) -> Value {
    let message = &request["params"]["message"];
    let said = message["parts"][0]["text"].as_str().unwrap();
    let waiting = message["taskId"].as_str().and_then(|task| agent.lock().unwrap().waiting.remove(task));
    let (mut prompt, mut allowed) = (vec![json!({"role": "user", "content": said})], false);
    if let Some(waiting) = waiting {
        match yes {
            Yes::GoesOn => (prompt, allowed) = (waiting, said == "Yes, do that."),
            Yes::BeginsAgain => prompt.splice(0..0, waiting.into_iter().take(1)).for_each(drop),
            Yes::Refused => {
                return json!({"error": {"code": -32602, "message": "the task takes no messages"}});
            }
        }
    }
    let tools = ["commit_memory", "search_memory"].map(tool);
    loop {
        if let Some(calls) = prompt.last().and_then(|last| last["tool_calls"].as_array()).cloned() {
            let called = calls[0]["function"]["name"] == "commit_memory";
            if called && !allowed {
                return waits(&agent, message, prompt);
            }
            let mut agent = agent.lock().unwrap();
            if called {
                agent.memory.push(calls[0]["function"]["arguments"].to_string());
            }
            let kept = agent.memory.join("\n");
            prompt.push(
                json!({"role": "tool", "tool_call_id": calls[0]["id"], "content": format!("Notes: {kept}")}),
            );
        }
        let answered = ask_model(&world, &prompt, &tools).await;
        if answered["tool_calls"].is_null() {
            let (context, parts) =
                (&message["contextId"], json!([{"kind": "text", "text": answered["content"]}]));
            return json!({"result": {"kind": "message", "messageId": "a", "role": "agent", "contextId": context, "parts": parts}});
        }
        prompt.push(answered);
    }
}

/// Keeps the prompt until the user answers, and asks the user.
fn waits(agent: &Mutex<Agent>, message: &Value, prompt: Vec<Value>) -> Value {
    let mut agent = agent.lock().unwrap();
    agent.asked += 1;
    let task = format!("task-{}", agent.asked);
    agent.waiting.insert(task.clone(), prompt);
    let context = &message["contextId"];
    let asks = json!({
        "kind": "message", "messageId": "q", "role": "agent", "contextId": context, "taskId": task,
        "parts": [{"kind": "text", "text": "May I write that down?"}],
    });
    let status = json!({"state": "input-required", "message": asks});
    json!({"result": {"kind": "task", "id": task, "contextId": context, "status": status}})
}

async fn judged(yes: Yes) -> (Sandbox, Vec<String>) {
    let (sandbox, world) = (Sandbox::new(), free_address());
    let (agent, address) = (Arc::<Mutex<Agent>>::default(), world.clone());
    let server =
        AgentServer::start(move |request| answer(Arc::clone(&agent), address.clone(), yes, request)).await;
    std::fs::write(sandbox.path("a.toml"), "[memory]\npromise = \"kept\"\n").unwrap();
    let arguments =
        ["--url", &server.url, "--world", &world, "--profile", "a.toml", "--canary", "memory-recall"];
    sandbox.run(&arguments).await;
    let codes = codes(&sandbox.summary());
    (sandbox, codes)
}

fn turn(sandbox: &Sandbox) -> Value {
    sandbox.summary()["canaries"][0]["turns"][0].clone()
}

#[tokio::test]
async fn task_that_waits_for_the_user_is_approved() {
    let (sandbox, codes) = judged(Yes::GoesOn).await;
    assert!(codes.is_empty(), "{codes:?}");
    let turn = turn(&sandbox);
    assert_eq!(turn["approved"], json!(["May I write that down?"]));
    assert_eq!(turn["wire"].as_array().unwrap().len(), 4, "both exchanges are evidence: {turn}");
}

#[tokio::test]
async fn task_that_asks_on_is_approved_three_times() {
    let (sandbox, codes) = judged(Yes::BeginsAgain).await;
    assert_eq!(codes, ["wire.approval-ignored"]);
    assert_eq!(turn(&sandbox)["approved"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn refused_approval_is_a_refused_message() {
    let (sandbox, codes) = judged(Yes::Refused).await;
    assert_eq!(codes, ["wire.rpc-error"]);
    assert_eq!(turn(&sandbox)["approved"].as_array().unwrap().len(), 1);
}
