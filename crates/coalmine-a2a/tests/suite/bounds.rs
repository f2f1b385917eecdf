//! Nothing is read beyond its limits.

use std::time::{Duration, Instant};

use axum::body::Body;
use coalmine_a2a::{Dialect, Limits, Part, WireError};
use futures_util::{StreamExt as _, stream};

use crate::support::{Server, client, message, of_type};

const SMALL: Limits = Limits { bytes: 4096, depth: 8, values: 64, time: Duration::from_secs(20) };
const QUICK: Duration = Duration::from_millis(200);

/// A body of this piece without end.
fn endless(piece: &'static str) -> Body {
    Body::from_stream(stream::repeat_with(move || Ok::<_, std::io::Error>(piece)))
}

async fn error(kind: &'static str, body: fn() -> Body, limits: Limits) -> WireError {
    let server = Server::new(move |_| of_type(kind, body())).await;
    server.send_text(Dialect::V0_3, limits).await.error.unwrap()
}

#[tokio::test]
async fn stops_reading_an_endless_body_at_the_limit() {
    let error = error("application/json", || endless("[1,2,"), SMALL).await;
    assert_eq!(error, WireError::TooLarge { limit: 4096 });
}

#[tokio::test]
async fn stops_reading_an_endless_event_stream_at_the_limit() {
    let working = || {
        endless(
            "data: {\"jsonrpc\":\"2.0\",\"id\":\"m1\",\"result\":{\"status\":{\"state\":\"working\"}}}\n\n",
        )
    };
    assert_eq!(error("text/event-stream", working, SMALL).await, WireError::TooLarge { limit: 4096 });
    let one_line = || endless("data: x");
    assert_eq!(error("text/event-stream", one_line, SMALL).await, WireError::TooLarge { limit: 4096 });
}

#[tokio::test]
async fn keeps_evidence_within_the_limit() {
    let server = Server::new(|_| of_type("application/json", endless("x"))).await;
    let sent = server.send_text(Dialect::V0_3, SMALL).await;
    let kept = sent.exchanges[0].response.len();
    assert!(kept > 0 && kept <= 4096, "{kept}");
}

#[tokio::test]
async fn a_silent_server_is_a_timeout() {
    let silent = || Body::from_stream(stream::pending::<Result<&str, std::io::Error>>());
    let begun =
        || Body::from_stream(stream::iter([Ok::<_, std::io::Error>("{\"json")]).chain(stream::pending()));
    let limits = Limits { time: QUICK, ..SMALL };
    let began = Instant::now();
    assert_eq!(
        error("application/json", silent, limits).await,
        WireError::Timeout { within: QUICK, received: 0 }
    );
    assert_eq!(
        error("application/json", begun, limits).await,
        WireError::Timeout { within: QUICK, received: 6 }
    );
    assert_eq!(
        error("text/event-stream", begun, limits).await,
        WireError::Timeout { within: QUICK, received: 6 }
    );
    assert!(began.elapsed() < QUICK * 20, "{:?}", began.elapsed());
}

#[tokio::test]
async fn refuses_deep_and_large_json_before_parsing() {
    let deep = error("application/json", || "[".repeat(9).into(), SMALL).await;
    assert!(deep.to_string().contains("nested deeper than 8 levels"), "{deep}");
    let many = error("application/json", || format!("[0{}]", ",0".repeat(64)).into(), SMALL).await;
    assert!(many.to_string().contains("more than 64 values"), "{many}");
    let event = || format!("data: {}\n\n", "[".repeat(9)).into();
    let deep = error("text/event-stream", event, SMALL).await;
    assert!(deep.to_string().contains("nested deeper than 8 levels"), "{deep}");
}

#[tokio::test]
async fn a_card_is_bounded() {
    let server = Server::new(|_| of_type("application/json", endless("[1,2,"))).await;
    let fetched = client(SMALL).card(&server.url, Duration::from_secs(20)).await;
    assert_eq!(fetched.card.unwrap_err(), WireError::TooLarge { limit: 4096 });
    assert_eq!(fetched.exchange.error, Some(WireError::TooLarge { limit: 4096 }));
    let server = Server::new(|_| of_type("application/json", "[".repeat(9))).await;
    let card = client(SMALL).card(&server.url, Duration::from_secs(20)).await.card;
    let error = card.unwrap_err().to_string();
    assert!(error.contains("nested deeper"), "{error}");
}

#[tokio::test]
async fn a_closed_port_differs_from_a_cut_connection() {
    let server = Server::new(|_| {
        let cut = stream::iter([Ok("{\"jsonrpc\""), Err(std::io::Error::other("cut"))]);
        of_type("application/json", Body::from_stream(cut))
    })
    .await;
    let lost = server.send_text(Dialect::V0_3, SMALL).await.error.unwrap();
    assert!(matches!(lost, WireError::Lost(_)), "{lost:?}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = url::Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let card = client(SMALL).card(&url, Duration::from_secs(20)).await.card;
    assert!(matches!(card, Err(WireError::Connect(_))), "{card:?}");
}

#[tokio::test]
async fn an_address_that_no_client_sends_is_no_lost_connection() {
    let server = Server::new(|_| of_type("application/json", Body::from("{}"))).await;
    let send = async |length: usize| {
        let mut endpoint = server.endpoint(Dialect::V0_3, None);
        endpoint.url.set_path(&"x".repeat(length));
        client(SMALL).send(&endpoint, &message(vec![Part::Text("hello".into())])).await.error.unwrap()
    };
    let error = send(100_000).await;
    assert!(matches!(&error, WireError::Address(reason) if reason.contains("65534")), "{error:?}");
    assert!(server.requests().is_empty());
    // the longest one is sent, whatever the server makes of it
    let shorter = send(65_534 - server.url.as_str().len()).await;
    assert!(!matches!(shorter, WireError::Address(_)), "{shorter:?}");
}

#[tokio::test]
async fn pause_without_end_is_not_waited_for() {
    let server = Server::new(|_| {
        let busy = axum::http::Response::builder().status(503);
        busy.header("retry-after", u64::MAX.to_string()).body(Body::empty()).unwrap()
    })
    .await;
    let sent = server.send_text(Dialect::V0_3, SMALL).await;
    assert!(matches!(sent.error, Some(WireError::Http { status: 503, .. })), "{:?}", sent.error);
    assert_eq!(server.requests().len(), 1);
    let limits = Limits { time: Duration::MAX, ..SMALL };
    let sent = server.send_text(Dialect::V0_3, limits).await;
    assert!(sent.error.is_some(), "a limit without end is one too");
}
