//! A task is read and canceled by its id; its state is reported, not judged.

use coalmine_a2a::{Dialect, Limits, Refusal, State};
use serde_json::json;

use crate::support::{Server, client, of_type, refused, task};

#[tokio::test]
async fn cancels_and_reads_in_both_dialects() {
    let older = json!({ "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": "canceled" } });
    for (dialect, canceled, methods) in [
        (Dialect::V0_3, older, ["tasks/cancel", "tasks/get"]),
        (Dialect::V1_0, task("CANCELED", ""), ["CancelTask", "GetTask"]),
    ] {
        let server = Server::answering(vec![canceled]).await;
        let (client, endpoint) = (client(Limits::default()), server.endpoint(dialect, None));
        for sent in [client.cancel(&endpoint, "t1").await, client.task(&endpoint, "t1").await] {
            assert_eq!((sent.error, sent.view.state), (None, Some(State::Canceled)));
            assert_eq!((sent.view.task_id.as_deref(), sent.view.drift), (Some("t1"), vec![]));
            assert_eq!((sent.exchanges.len(), sent.hung_up), (1, false));
        }
        let requests = server.requests();
        assert_eq!([&requests[0].body["method"], &requests[1].body["method"]], methods);
        assert!(
            requests.iter().all(|request| request.body["params"] == json!({ "id": "t1" })),
            "{requests:?}"
        );
        assert_ne!(requests[0].body["id"], requests[1].body["id"], "each request has an id of its own");
    }
}

#[tokio::test]
async fn a_task_that_goes_on_is_not_an_error() {
    let server = Server::answering(vec![task("WORKING", "half")]).await;
    let (client, endpoint) = (client(Limits::default()), server.endpoint(Dialect::V1_0, None));
    for sent in [client.cancel(&endpoint, "t1").await, client.task(&endpoint, "t1").await] {
        assert_eq!((sent.error, sent.view.state), (None, Some(State::Working)));
        assert_eq!((sent.view.text().as_str(), sent.view.drift), ("half", vec![]));
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_an_error_and_kept() {
    let server = Server::new(|request| {
        let code = if request.body["method"] == "CancelTask" { -32002 } else { -32001 };
        let error =
            json!({ "jsonrpc": "2.0", "id": request.body["id"], "error": { "code": code, "message": "no" } });
        of_type("application/json", error.to_string())
    })
    .await;
    let (client, endpoint) = (client(Limits::default()), server.endpoint(Dialect::V1_0, None));
    let over = refused(Refusal::NotCancelable, -32002, "no");
    let canceled = client.cancel(&endpoint, "t1").await;
    assert_eq!((&canceled.error, &canceled.exchanges[0].error), (&Some(over.clone()), &Some(over)));
    assert_eq!(client.task(&endpoint, "t1").await.error, Some(refused(Refusal::NotFound, -32001, "no")));
}
