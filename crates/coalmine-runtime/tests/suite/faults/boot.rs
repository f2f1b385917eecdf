//! The layer `boot`.

use crate::support::{Runtime, World};

#[tokio::test]
async fn never_ready_answers_503_to_everything() {
    let runtime = Runtime::with_fault(&World::honest().await, "boot.never-ready").await;
    for path in ["/", "/.well-known/agent-card.json", "/admin/session-store"] {
        let response = runtime.http.get(format!("{}{path}", runtime.url)).send().await.unwrap();
        assert_eq!(response.status(), 503, "{path}");
    }
    let response = runtime.http.post(&runtime.url).body("{}").send().await.unwrap();
    assert_eq!(response.status(), 503);
}
