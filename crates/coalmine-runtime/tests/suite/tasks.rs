//! The methods that return tasks.

use serde_json::{Value, json};

use crate::support::{ModelServer, Runtime, task_request};

fn list(params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": params })
}

#[tokio::test]
async fn gets_a_task_in_either_dialect() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let task = runtime.say("c", "x").await;
    let id = task["id"].as_str().unwrap();
    assert_eq!(runtime.result(task_request("tasks/get", id)).await, task);
    let new = runtime.result(task_request("GetTask", id)).await;
    assert_eq!((&new["id"], &new["status"]["state"]), (&task["id"], &json!("TASK_STATE_COMPLETED")));
    assert_eq!(new["history"][0]["parts"], json!([{ "text": "x" }]));
}

#[tokio::test]
async fn lists_tasks_in_pages_newest_first() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let first = runtime.say("a", "1").await["id"].clone();
    let second = runtime.say("b", "2").await["id"].clone();
    let third = runtime.say("a", "3").await["id"].clone();
    let ids = |page: &Value| -> Vec<Value> {
        page["tasks"].as_array().unwrap().iter().map(|task| task["id"].clone()).collect()
    };
    let page = runtime.result(list(json!({ "pageSize": 2, "includeArtifacts": true }))).await;
    assert_eq!((ids(&page), &page["totalSize"]), (vec![third.clone(), second], &json!(3)));
    assert!(page["tasks"][0]["artifacts"].is_array());
    let page = runtime.result(list(json!({ "pageToken": page["nextPageToken"] }))).await;
    assert_eq!((ids(&page), &page["nextPageToken"]), (vec![first.clone()], &json!("")));
    assert!(page["tasks"][0]["artifacts"].is_null());
    let page = runtime.result(list(json!({ "contextId": "a" }))).await;
    assert_eq!(ids(&page), [third, first]);
    let page = runtime.result(list(json!({ "status": "TASK_STATE_WORKING" }))).await;
    assert_eq!(page["totalSize"], 0);
}
