//! The layer `boot`.

use coalmine_runtime::ServeError;

use crate::support::{ModelServer, Runtime, text, v0_3};

#[tokio::test]
async fn never_ready_answers_everything_with_503() {
    let runtime = Runtime::with_fault(&ModelServer::grounded().await, "boot.never-ready").await;
    for path in ["/", "/.well-known/agent-card.json", "/admin/session-store"] {
        let response = runtime.http.get(format!("{}{path}", runtime.url)).send().await.unwrap();
        assert_eq!(response.status(), 503, "{path}");
    }
    let response = runtime.http.post(&runtime.url).body("{}").send().await.unwrap();
    assert_eq!(response.status(), 503);
}

#[tokio::test]
async fn crash_on_message_ends_the_server_without_an_answer() {
    let runtime = Runtime::with_fault(&ModelServer::grounded().await, "boot.crash-on-message").await;
    runtime.get("/.well-known/agent-card.json").await;
    let request = runtime.http.post(&runtime.url).json(&v0_3("message/send", "a", text("hello")));
    let sending = tokio::spawn(request.send());
    let error = runtime.wait_for_end().await.unwrap_err();
    assert!(matches!(error, ServeError::Crashed), "{error}");
    assert!(!sending.is_finished());
    sending.abort();
}
