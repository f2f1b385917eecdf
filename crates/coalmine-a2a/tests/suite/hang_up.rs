//! Hanging up drops the connection: the server sees its stream dropped.

use std::time::Duration;

use coalmine_a2a::{Dialect, Flow, Limits, Part, State, View, WireOutcome};
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    event_stream::{event_stream, piece, status, story},
    support::{Server, answered, client, message, task},
};

/// A limit, not a time that the test waits.
const LONG: Duration = Duration::from_secs(20);

/// A server that sends so many events and never ends a stream; the channel reports each stream that is dropped.
async fn open_ended(events: usize) -> (Server, mpsc::UnboundedReceiver<()>) {
    let (dropped, gone) = mpsc::unbounded_channel();
    let server = Server::new(move |request| {
        if request.body["method"] == "GetTask" {
            return answered(request, &task("COMPLETED", "whole"));
        }
        event_stream(request, &story()[..events], silence(dropped.clone()))
    })
    .await;
    (server, gone)
}

/// A stream that never yields, and reports when it is dropped.
fn silence(dropped: mpsc::UnboundedSender<()>) -> impl stream::Stream<Item = String> + Send {
    let guard = DropGuard(dropped);
    stream::poll_fn(move |_| {
        let _ = &guard;
        std::task::Poll::Pending
    })
}

struct DropGuard(mpsc::UnboundedSender<()>);

impl Drop for DropGuard {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

fn assert_hung_up(sent: &WireOutcome) {
    assert_eq!((&sent.error, sent.hung_up, sent.view.state), (&None, true, Some(State::Working)));
    assert_eq!(sent.view.drift, []);
    let exchange = &sent.exchanges[0];
    assert!(exchange.error.is_none() && exchange.response.starts_with(b": a comment"), "{exchange:?}");
}

#[tokio::test]
async fn closes_the_connection_while_the_client_lives_on() {
    let (server, mut gone) = open_ended(3).await;
    let (client, endpoint) = (client(Limits::default()), server.endpoint(Dialect::V1_0, None));
    let hello = message(vec![Part::Text("hello".into())]);
    let once_it_works =
        |view: &View| if view.state == Some(State::Working) { Flow::HangUp } else { Flow::GoOn };
    let streamed = client.stream(&endpoint, &hello, once_it_works).await;
    assert_hung_up(&streamed);
    tokio::time::timeout(LONG, gone.recv()).await.unwrap().unwrap();
    let again = client.resubscribe(&endpoint, "t1", once_it_works).await;
    assert_hung_up(&again);
    tokio::time::timeout(LONG, gone.recv()).await.unwrap().unwrap();
    // the same client goes on with the task
    let task = client.task(&endpoint, "t1").await;
    assert_eq!((task.error, task.view.text().as_str()), (None, "whole"));
}

#[tokio::test]
async fn watches_each_event_once_and_none_after_hanging_up() {
    let server = Server::new(|request| event_stream(request, &story(), stream::empty())).await;
    let (endpoint, hello) = (server.endpoint(Dialect::V1_0, None), message(vec![Part::Text("hello".into())]));
    for (hang_up_at, seen_texts) in [(3, &["", "", "Zor"][..]), (9, &["", "", "Zor", "Zorvane", "Zorvane"])] {
        let mut seen = vec![];
        let sent = client(Limits::default())
            .stream(&endpoint, &hello, |view| {
                seen.push(view.text());
                if seen.len() == hang_up_at { Flow::HangUp } else { Flow::GoOn }
            })
            .await;
        assert_eq!(seen, seen_texts);
        assert_eq!((sent.error, sent.hung_up), (None, hang_up_at == 3));
    }
}

#[tokio::test]
async fn leaving_a_settled_turn_is_not_hanging_up() {
    let (server, mut gone) = open_ended(story().len()).await;
    let (endpoint, hello) = (server.endpoint(Dialect::V1_0, None), message(vec![Part::Text("hello".into())]));
    let client = client(Limits::default());
    let once_settled = |view: &View| if view.is_settled() { Flow::HangUp } else { Flow::GoOn };
    let sent = client.stream(&endpoint, &hello, once_settled).await;
    assert_eq!((sent.error, sent.hung_up, sent.view.text().as_str()), (None, false, "Zorvane"));
    assert_eq!(sent.view.drift, []);
    tokio::time::timeout(LONG, gone.recv()).await.unwrap().unwrap();
}

#[tokio::test]
async fn hanging_up_early_does_not_note_a_missing_context() {
    let nameless = |mut event: serde_json::Value, kind: &str| {
        event[kind].as_object_mut().unwrap().remove("contextId");
        event
    };
    let server = Server::new(move |request| {
        let first = nameless(status("WORKING"), "statusUpdate");
        event_stream(request, &[first, piece("Zor", false)], stream::pending())
    })
    .await;
    let (endpoint, hello) = (server.endpoint(Dialect::V1_0, None), message(vec![Part::Text("hello".into())]));
    let sent = client(Limits::default()).stream(&endpoint, &hello, |_| Flow::HangUp).await;
    assert_eq!((sent.error, sent.hung_up, sent.view.drift), (None, true, vec![]));
    assert_eq!(server.requests()[0].body["params"]["message"]["parts"], json!([{ "text": "hello" }]));
}
