//! The agent card.

use serde_json::json;

use crate::support::{ModelServer, Runtime};

#[tokio::test]
async fn serves_one_card_at_every_path_and_host() {
    let runtime = Runtime::start(&ModelServer::grounded().await).await;
    let card = runtime.get("/.well-known/agent-card.json").await;
    let url = format!("{}/", runtime.url);
    assert_eq!(
        card["supportedInterfaces"],
        json!([
            { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "1.0" },
            { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "0.3" },
        ])
    );
    assert_eq!((&card["url"], &card["protocolVersion"]), (&json!(url), &json!("0.3.0")));
    assert_eq!(
        (&card["preferredTransport"], &card["capabilities"]["streaming"]),
        (&json!("JSONRPC"), &json!(true))
    );
    assert_eq!(card["skills"][0]["id"], "memory");
    assert_eq!(runtime.get("/.well-known/agent.json").await, card);
    assert_eq!(runtime.get("/agent-card").await, card);

    let request = runtime.http.get(format!("{}/agent-card", runtime.url)).header("Host", "agent.example:81");
    let card: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(card["url"], "http://agent.example:81/");
}
