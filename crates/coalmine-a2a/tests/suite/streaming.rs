//! A stream is followed to its end, and adds up to what the task holds.

use std::time::Duration;

use axum::body::Body;
use coalmine_a2a::{Dialect, Drift, Flow, Limits, Part, Refusal, State, WireError};
use futures_util::stream;
use serde_json::{Value, json};

use crate::{
    event_stream::{event_stream, piece, status, story},
    support::{Server, answered, client, message, of_type, refused, task},
};

const SMALL: Limits = Limits { bytes: 4096, depth: 8, values: 64, time: Duration::from_secs(20) };

#[tokio::test]
async fn a_streamed_turn_equals_the_turn_in_one_piece() {
    let streaming = Server::new(|request| event_stream(request, &story(), stream::empty())).await;
    let streamed = streaming.stream(Limits::default()).await;
    let whole = Server::answering(vec![json!({ "task": task("COMPLETED", "Zorvane") })]).await;
    let single = whole.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!((streamed.error, streamed.hung_up), (None, false));
    let [streamed, single] = [streamed.view, single.view].map(|mut view| {
        view.said_at = None;
        view
    });
    assert_eq!(streamed, single);
    assert_eq!(streaming.requests()[0].body["method"], "SendStreamingMessage");
}

#[tokio::test]
async fn works_in_0_3() {
    let server = Server::new(|request| {
        let piece = |text: &str, append: bool| {
            json!({ "kind": "artifact-update", "taskId": "t1", "contextId": "c1", "append": append, "lastChunk": append,
                "artifact": { "artifactId": "a", "parts": [{ "kind": "text", "text": text }] } })
        };
        let status = |state: &str, last: bool| {
            json!({ "kind": "status-update", "taskId": "t1", "contextId": "c1", "final": last, "status": { "state": state } })
        };
        let events =
            [status("working", false), piece("Zor", false), piece("vane", true), status("completed", true)];
        event_stream(request, &events, stream::empty())
    })
    .await;
    let hello = message(vec![Part::Text("hello".into())]);
    let endpoint = server.endpoint(Dialect::V0_3, None);
    let client = client(Limits::default());
    let streamed = client.stream(&endpoint, &hello, |_| Flow::GoOn).await;
    let again = client.resubscribe(&endpoint, "t1", |_| Flow::GoOn).await;
    for sent in [streamed, again] {
        assert_eq!((sent.error, sent.view.text().as_str(), sent.view.drift), (None, "Zorvane", vec![]));
    }
    let methods: Vec<_> = server.requests().iter().map(|request| request.body["method"].clone()).collect();
    assert_eq!(methods, ["message/stream", "tasks/resubscribe"]);
}

#[tokio::test]
async fn reads_what_follows_the_end_of_the_task() {
    let late = || [story(), vec![piece(" late", true)]].concat();
    let server = Server::new(move |request| event_stream(request, &late(), stream::empty())).await;
    let sent = server.stream(Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane late"));
}

#[tokio::test]
async fn a_stream_that_ends_early_is_an_error_without_polling() {
    let server = Server::new(|request| event_stream(request, &story()[..3], stream::empty())).await;
    let sent = server.stream(Limits::default()).await;
    assert_eq!(sent.error, Some(WireError::StreamEnded("working".into())));
    assert_eq!((sent.hung_up, sent.view.text().as_str(), server.requests().len()), (false, "Zor", 1));
    let server = Server::new(|request| event_stream(request, &[], stream::empty())).await;
    assert_eq!(
        server.stream(Limits::default()).await.error,
        Some(WireError::StreamEnded("without a state".into()))
    );
}

#[tokio::test]
async fn a_cut_stream_is_a_lost_connection() {
    let server = Server::new(|request| {
        let begun = crate::event_stream::events(request, &story()[..3]);
        let cut = stream::iter([Ok(begun), Err(std::io::Error::other("cut"))]);
        of_type("text/event-stream", Body::from_stream(cut))
    })
    .await;
    let sent = server.stream(Limits::default()).await;
    assert!(matches!(sent.error, Some(WireError::Lost(_))), "{:?}", sent.error);
    assert_eq!(sent.exchanges[0].error, sent.error);
}

#[tokio::test]
async fn reads_a_single_response_with_drift() {
    let server = Server::answering(vec![json!({ "task": task("COMPLETED", "Zorvane") })]).await;
    let sent = server.stream(Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
    assert_eq!(sent.view.drift, [Drift::NotStreamed]);
    let server = Server::answering(vec![json!({ "task": task("WORKING", "Zor") })]).await;
    let sent = server.stream(Limits::default()).await;
    assert_eq!(sent.error, Some(WireError::StreamEnded("working".into())));
}

#[tokio::test]
async fn an_error_counts_wherever_it_stands() {
    let refusal =
        |id: &Value| json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32004, "message": "over" } });
    let in_an_event = Server::new(move |request| {
        of_type("text/event-stream", format!("data: {}\n\n", refusal(&request.body["id"])))
    });
    let in_one_piece =
        Server::new(move |request| of_type("application/json", refusal(&request.body["id"]).to_string()));
    for server in [in_an_event.await, in_one_piece.await] {
        let endpoint = server.endpoint(Dialect::V1_0, None);
        let again = client(Limits::default()).resubscribe(&endpoint, "t1", |_| Flow::GoOn).await;
        for sent in [server.stream(Limits::default()).await, again] {
            assert_eq!(sent.error, Some(refused(Refusal::Unsupported, -32004, "over")));
        }
    }
}

#[tokio::test]
async fn repeats_after_the_pause_that_the_server_asks_for() {
    let server = Server::new(|request| match request.number {
        0 => {
            let mut busy = of_type("text/plain", "busy");
            *busy.status_mut() = axum::http::StatusCode::TOO_MANY_REQUESTS;
            busy.headers_mut().insert("retry-after", "0".parse().unwrap());
            busy
        }
        _ => event_stream(request, &story(), stream::empty()),
    })
    .await;
    let sent = server.stream(Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str(), sent.exchanges.len()), (None, "Zorvane", 2));
    assert_eq!(sent.view.drift, [Drift::AskedToWait(429)]);
}

#[tokio::test]
async fn leaves_a_stream_that_stays_open_with_drift() {
    let waits = || vec![status("WORKING"), status("INPUT_REQUIRED")];
    for (results, state, drift) in [
        (story(), State::Completed, vec![Drift::StreamNotClosed]),
        // a task that waits for its client may keep the stream
        (waits(), State::InputRequired, vec![]),
    ] {
        let server = Server::new(move |request| event_stream(request, &results, stream::pending())).await;
        let followed = server.stream(Limits { time: Duration::from_secs(3600), ..Limits::default() });
        let sent = tokio::time::timeout(Duration::from_secs(60), followed).await.unwrap();
        assert_eq!((sent.error, sent.view.state, sent.view.drift), (None, Some(state), drift));
    }
}

#[tokio::test]
async fn leaves_an_endless_stream_at_the_limits() {
    let working = r#"data: {"jsonrpc":"2.0","id":"m1","result":{"statusUpdate":{"status":{"state":"x"}}}}"#;
    for piece in [working.to_owned() + "\n\n", "data: x".to_owned(), ": nothing\n\n".to_owned()] {
        let server =
            Server::new(move |request| event_stream(request, &story()[..2], stream::repeat(piece.clone())))
                .await;
        assert_eq!(server.stream(SMALL).await.error, Some(WireError::TooLarge { limit: 4096 }));
    }
    let time = Duration::from_millis(200);
    let server = Server::new(|request| event_stream(request, &story()[..2], stream::pending())).await;
    let silent = server.stream(Limits { time, ..SMALL }).await.error;
    assert!(matches!(silent, Some(WireError::Timeout { within, .. }) if within == time), "{silent:?}");
}

#[tokio::test]
async fn garbage_among_the_events_is_an_error_and_kept() {
    let deep = format!("data: {}\n\n", "[".repeat(9));
    for garbage in [
        "data: <html>\n\n",
        "data: {}\n\n",
        "data: null\n\n",
        "data: {\"jsonrpc\":\"2.0\"\n\n",
        deep.as_str(),
    ] {
        let garbage = garbage.to_owned();
        let kept = garbage.clone();
        let server =
            Server::new(move |request| event_stream(request, &story()[..3], stream::iter([garbage.clone()])))
                .await;
        let sent = server.stream(SMALL).await;
        assert!(matches!(sent.error, Some(WireError::Malformed { .. })), "{kept}: {:?}", sent.error);
        assert_eq!(sent.view.text(), "Zor");
        assert!(sent.exchanges[0].response.ends_with(kept.as_bytes()));
    }
}

#[tokio::test]
async fn resubscribing_continues_from_the_current_task() {
    let server = Server::new(|request| match request.body["method"].as_str() {
        Some("SubscribeToTask") => {
            let events =
                [json!({ "task": task("WORKING", "Zor") }), piece("vane", true), status("COMPLETED")];
            event_stream(request, &events, stream::empty())
        }
        _ => answered(request, &json!({})),
    })
    .await;
    let endpoint = server.endpoint(Dialect::V1_0, Some("tenant-7"));
    let sent = client(Limits::default()).resubscribe(&endpoint, "t1", |_| Flow::GoOn).await;
    assert_eq!((sent.error, sent.view.text().as_str(), sent.view.drift), (None, "Zorvane", vec![]));
    assert_eq!(server.requests()[0].body["params"], json!({ "id": "t1", "tenant": "tenant-7" }));
}
