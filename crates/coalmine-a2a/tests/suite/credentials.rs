//! Credentials go to the server that the user gave, and to no other.

use coalmine_a2a::{Client, Dialect, Limits, Part};
use url::Url;

use crate::support::{Server, answered, client, message, of_type, task};

/// Returns a client for a server with credentials as a header and as a parameter.
fn with_credentials(base: &Url) -> Client {
    client(Limits::default());
    let headers = [("X-Api-Key".to_owned(), "s3cret".to_owned())];
    Client::new(base, Limits::default(), &headers).unwrap().with_query("key".into(), "s3cret".into())
}

async fn server() -> Server {
    Server::new(|request| answered(request, &serde_json::json!({ "task": task("COMPLETED", "hi") }))).await
}

/// Sends a message to a server. Returns whether the header came with it.
async fn gets_credentials(client: &Client, server: &Server) -> bool {
    let sent =
        client.send(&server.endpoint(Dialect::V1_0, None), &message(vec![Part::Text("hi".into())])).await;
    assert_eq!(sent.error, None);
    let requests = server.requests();
    let last = requests.last().unwrap();
    assert_eq!(last.query.contains("key=s3cret"), last.headers.contains_key("x-api-key"));
    let gets = last.headers.contains_key("x-api-key");
    assert_eq!(client.withholds_credentials_from(&server.url), !gets);
    gets
}

#[tokio::test]
async fn another_origin_gets_none() {
    let (home, elsewhere) = (server().await, server().await);
    let client = with_credentials(&home.url);
    for client in [&client, &client.reconnected()] {
        assert!(gets_credentials(client, &home).await);
        assert!(!gets_credentials(client, &elsewhere).await);
    }
    client.reconnected().trust(&elsewhere.url);
    assert!(gets_credentials(&client, &elsewhere).await, "the user named it");
    assert!(gets_credentials(&with_credentials(&home.url).trusting_all(), &elsewhere).await);
}

#[tokio::test]
async fn server_that_moved_gets_them_and_its_old_place_does_not() {
    let (old, new) = (server().await, server().await);
    let client = with_credentials(&old.url);
    client.moved(&new.url);
    assert!(gets_credentials(&client, &new).await && !gets_credentials(&client, &old).await);
}

#[tokio::test]
async fn card_and_other_documents_of_another_origin_get_none() {
    let (home, elsewhere) = (server().await, Server::new(|_| of_type("application/json", "{}")).await);
    let client = with_credentials(&home.url);
    let within = Limits::default().time;
    assert!(client.card(&elsewhere.url, within).await.card.is_err());
    client.get(&elsewhere.url, within).await.unwrap();
    for request in elsewhere.requests() {
        assert!(request.query.is_empty() && !request.headers.contains_key("x-api-key"), "{request:?}");
    }
}
