//! What the client sends in 1.0 is read by an independent implementation of 1.0.

use a2a::{
    CancelTaskRequest, GetTaskRequest, JsonRpcId, JsonRpcRequest, PartContent, Role, SendMessageRequest,
    SubscribeToTaskRequest, jsonrpc::methods,
};
use coalmine_a2a::{Dialect, Flow, HistoryEntry, Limits, Outgoing, Part};
use serde_json::{Value, json};

use crate::support::{ReceivedRequest, Server, client, message, task};

fn every_part() -> Vec<Part> {
    let (mime, bytes) = ("text/plain".to_owned(), b"\0\xffcode 42".to_vec());
    let uri = "workspace:/000001".to_owned();
    vec![
        Part::Text("summarize \"this\"\n\u{1f426}".into()),
        Part::Bytes { name: "a b.txt".into(), mime: mime.clone(), bytes },
        Part::Uri { name: "c.txt".into(), mime, uri },
    ]
}

/// The requests to a server whose task takes time: the send, and the first poll.
async fn requests_for(dialect: Dialect, tenant: Option<&str>, outgoing: &Outgoing) -> [ReceivedRequest; 2] {
    let done = task("COMPLETED", "done");
    let server = Server::answering(vec![json!({ "task": task("WORKING", "") }), done]).await;
    let sent = server.send(dialect, tenant, Limits::default(), outgoing).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "done"));
    server.requests().try_into().unwrap()
}

fn parse(request: &ReceivedRequest) -> JsonRpcRequest {
    let parsed: JsonRpcRequest = serde_json::from_value(request.body.clone()).unwrap();
    assert_eq!(parsed.jsonrpc, "2.0");
    parsed
}

/// Its parameters as the other implementation reads them; it must have read every field.
fn read<T: serde::de::DeserializeOwned + serde::Serialize>(params: Option<Value>) -> T {
    let params = params.unwrap();
    let read: T = serde_json::from_value(params.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), params);
    read
}

#[tokio::test]
async fn a_message_with_every_kind_of_part() {
    let mut outgoing = message(every_part());
    outgoing.task_id = Some("t0".into());
    let [send, _] = requests_for(Dialect::V1_0, Some("tenant-7"), &outgoing).await;
    let request = parse(&send);
    assert_eq!((request.method.as_str(), &request.id), ("SendMessage", &JsonRpcId::String("m1".into())));
    let read: SendMessageRequest = read(request.params);
    assert_eq!(read.tenant.as_deref(), Some("tenant-7"));
    assert_eq!(read.message.role, Role::User);
    assert_eq!((read.message.message_id.as_str(), read.message.context_id.as_deref()), ("m1", Some("c1")));
    assert_eq!(read.message.task_id.as_deref(), Some("t0"));
    let parts: Vec<_> =
        read.message.parts.into_iter().map(|part| (part.content, part.filename, part.media_type)).collect();
    let (plain, named) = (Some("text/plain".to_owned()), |name: &str| Some(name.to_owned()));
    assert_eq!(parts[0], (PartContent::Text("summarize \"this\"\n\u{1f426}".into()), None, None));
    assert_eq!(parts[1], (PartContent::Raw(b"\0\xffcode 42".to_vec()), named("a b.txt"), plain.clone()));
    assert_eq!(parts[2], (PartContent::Url("workspace:/000001".into()), named("c.txt"), plain));
    let configuration = read.configuration.unwrap();
    assert_eq!(configuration.accepted_output_modes, Some(vec!["text/plain".to_owned()]));
    // absent means blocking
    assert_eq!(configuration.return_immediately, None);
}

#[tokio::test]
async fn polling_reads_the_task() {
    let [_, get] = requests_for(Dialect::V1_0, Some("tenant-7"), &message(every_part())).await;
    let request = parse(&get);
    assert_eq!(request.method, "GetTask");
    assert_ne!(request.id, JsonRpcId::String("m1".into()));
    let read: GetTaskRequest = read(request.params);
    assert_eq!(
        (read.id.as_str(), read.tenant.as_deref(), read.history_length),
        ("t1", Some("tenant-7"), None)
    );
}

#[tokio::test]
async fn leaves_out_the_tenant_and_carries_history_in_metadata() {
    let mut outgoing = message(vec![Part::Text("hi".into())]);
    outgoing.history = vec![HistoryEntry { by_agent: true, text: "Noted.".into() }];
    let requests = requests_for(Dialect::V1_0, None, &outgoing).await;
    let send: SendMessageRequest = read(parse(&requests[0]).params);
    assert_eq!((send.tenant, send.message.task_id), (None, None));
    let history = &send.metadata.unwrap()["history"];
    assert_eq!(*history, json!([{ "role": "ROLE_AGENT", "parts": [{ "text": "Noted." }] }]));
    let get: GetTaskRequest = read(parse(&requests[1]).params);
    assert_eq!(get.tenant, None);
}

#[tokio::test]
async fn sends_the_version_in_1_0_only_and_accepts_streams() {
    for (dialect, version) in [(Dialect::V1_0, Some("1.0")), (Dialect::V0_3, None)] {
        for request in requests_for(dialect, None, &message(every_part())).await {
            let header =
                |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(header("a2a-version").as_deref(), version);
            assert_eq!(header("accept").as_deref(), Some("application/json, text/event-stream"));
            assert_eq!(header("content-type").as_deref(), Some("application/json"));
        }
    }
}

#[tokio::test]
async fn streams_and_task_operations() {
    let server = Server::answering(vec![task("COMPLETED", "done")]).await;
    let (client, endpoint) = (client(Limits::default()), server.endpoint(Dialect::V1_0, Some("tenant-7")));
    let mut outgoing = message(every_part());
    outgoing.reference_task_ids = vec!["t8".into(), "t9".into()];
    client.stream(&endpoint, &outgoing, |_| Flow::GoOn).await;
    client.resubscribe(&endpoint, "t1", |_| Flow::GoOn).await;
    client.cancel(&endpoint, "t1").await;
    let [stream, resubscribe, cancel]: [ReceivedRequest; 3] = server.requests().try_into().unwrap();
    let (stream, resubscribe, cancel) = (parse(&stream), parse(&resubscribe), parse(&cancel));
    assert_eq!(
        [&stream.method, &resubscribe.method, &cancel.method],
        [methods::SEND_STREAMING_MESSAGE, methods::SUBSCRIBE_TO_TASK, methods::CANCEL_TASK]
    );
    let send: SendMessageRequest = read(stream.params);
    assert_eq!(send.message.reference_task_ids, Some(vec!["t8".to_owned(), "t9".to_owned()]));
    assert_eq!((send.tenant.as_deref(), send.message.parts.len()), (Some("tenant-7"), 3));
    let subscribe: SubscribeToTaskRequest = read(resubscribe.params);
    assert_eq!((subscribe.id.as_str(), subscribe.tenant.as_deref()), ("t1", Some("tenant-7")));
    let cancel: CancelTaskRequest = read(cancel.params);
    assert_eq!(
        (cancel.id.as_str(), cancel.tenant.as_deref(), cancel.metadata),
        ("t1", Some("tenant-7"), None)
    );
}
