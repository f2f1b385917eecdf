//! Redirects are followed within the origin, never out of it.

use axum::{body::Body, http::Response};
use coalmine_a2a::{Dialect, Limits, WireError};
use serde_json::json;

use crate::support::{Server, answered, client, task};

fn to(status: u16, location: &str) -> Response<Body> {
    Response::builder().status(status).header("location", location).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn follows_an_added_slash_with_the_message() {
    for status in [307, 308] {
        let server = Server::new(move |request| match request.path.as_str() {
            "/rpc" => to(status, "/rpc/"),
            _ => answered(request, &json!({ "task": task("COMPLETED", "hi") })),
        })
        .await;
        let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
        assert_eq!((sent.error, sent.view.text().as_str()), (None, "hi"));
        let requests = server.requests();
        assert_eq!(requests[1].body, requests[0].body);
        assert_eq!(requests[1].headers.get("a2a-version").unwrap(), "1.0");
    }
}

#[tokio::test]
async fn never_follows_to_another_origin() {
    let foreign = Server::new(|request| answered(request, &json!({ "task": task("COMPLETED", "hi") }))).await;
    for host in ["127.0.0.1", "localhost"] {
        let location = format!("http://{host}:{}/rpc", foreign.url.port().unwrap());
        let server = Server::new(move |_| to(307, &location)).await;
        let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
        assert!(matches!(sent.error, Some(WireError::Http { status: 307, .. })), "{:?}", sent.error);
        let card = client(Limits::default()).card(&server.url, Limits::default().time).await.card;
        assert!(matches!(card, Err(WireError::Http { status: 307, .. })), "{card:?}");
    }
    assert_eq!(foreign.requests().len(), 0);
}

#[tokio::test]
async fn leaves_a_redirect_loop() {
    let server = Server::new(|_| to(307, "/rpc")).await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert!(matches!(sent.error, Some(WireError::Http { status: 307, .. })), "{:?}", sent.error);
    assert!(server.requests().len() <= 4, "{}", server.requests().len());
}
