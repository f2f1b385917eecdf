//! The seam for bindings: a small HTTP+JSON one (1.0 §11), made only of what the crate exports.

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use coalmine_a2a::{
    Ask, Binding, Dialect, Drift, Endpoint, Flow, HttpRequest, Limits, Method, Outgoing, Part, Refusal,
    State, View, WireCall, WireError, payload, read_json,
};
use serde_json::{Value, json};

use crate::{
    event_stream::story,
    support::{ReceivedRequest, Server, client, message, of_type, task},
};

#[derive(Debug)]
struct HttpJson;

static HTTP_JSON: HttpJson = HttpJson;

impl Binding for HttpJson {
    fn name(&self) -> &'static str {
        "HTTP+JSON"
    }

    fn request(&self, call: &WireCall<'_>) -> HttpRequest {
        let endpoint = call.endpoint;
        let (method, path) = match call.ask {
            Ask::Send(_) => (Method::POST, "/message:send".to_owned()),
            Ask::Stream(_) => (Method::POST, "/message:stream".to_owned()),
            Ask::Task(id) => (Method::GET, format!("/tasks/{id}")),
            Ask::Cancel(id) => (Method::POST, format!("/tasks/{id}:cancel")),
            Ask::Resubscribe(id) => (Method::POST, format!("/tasks/{id}:subscribe")),
        };
        let body = match call.ask {
            Ask::Task(_) => String::new(),
            ask => payload(ask, endpoint.dialect, endpoint.tenant.as_deref()).to_string(),
        };
        let mut url = endpoint.url.clone();
        url.set_path(&format!("{}{path}", endpoint.url.path().trim_end_matches('/')));
        let content_type = (!body.is_empty()).then_some(("Content-Type", "application/a2a+json"));
        let headers = endpoint.dialect.version_header().into_iter().chain(content_type).collect();
        HttpRequest { name: format!("{method} {path}"), method, url, headers, body: body.into() }
    }

    fn read_answer(
        &self,
        call: &WireCall<'_>,
        status: u16,
        body: &[u8],
        view: &mut View,
    ) -> Result<(), WireError> {
        let json = read_json(body, call.limits);
        if !(200..300).contains(&status) {
            let refused = json.ok().and_then(|json| refused(&json));
            return Err(refused.unwrap_or_else(|| WireError::http(status, body)));
        }
        view.absorb_answer(call.endpoint.dialect, call.ask, &json?);
        Ok(())
    }

    fn read_event(&self, call: &WireCall<'_>, data: &[u8], view: &mut View) -> Result<(), WireError> {
        let json = read_json(data, call.limits)?;
        if let Some(error) = refused(&json) {
            return Err(error);
        }
        view.absorb_event(call.endpoint.dialect, &json);
        Ok(())
    }
}

/// The error in a `google.rpc.Status`.
fn refused(json: &Value) -> Option<WireError> {
    let error = json.get("error")?;
    let reason = error.pointer("/details/0/reason")?.as_str()?;
    let refusal = match reason {
        "TASK_NOT_FOUND" => Refusal::NotFound,
        "TASK_NOT_CANCELABLE" => Refusal::NotCancelable,
        "UNSUPPORTED_OPERATION" => Refusal::Unsupported,
        _ => Refusal::Other,
    };
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    Some(WireError::Refused { refusal, code: format!("HTTP+JSON error {reason}"), message })
}

fn status(reason: &str, message: &str) -> Value {
    let info = json!({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "a2a-protocol.org" });
    json!({ "error": { "code": 400, "status": "FAILED_PRECONDITION", "message": message, "details": [info] } })
}

fn answer(code: StatusCode, body: &Value) -> Response<Body> {
    let mut response = of_type("application/a2a+json", body.to_string());
    *response.status_mut() = code;
    response
}

fn events(results: &[Value]) -> Response<Body> {
    let text: String = results.iter().map(|result| format!("data: {result}\n\n")).collect();
    of_type("text/event-stream", text)
}

fn endpoint(server: &Server) -> Endpoint {
    Endpoint { binding: &HTTP_JSON, ..server.endpoint(Dialect::V1_0, Some("tenant-7")) }
}

fn hello() -> Outgoing {
    message(vec![Part::Text("hello".into())])
}

fn lines(requests: &[ReceivedRequest]) -> Vec<String> {
    requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

#[tokio::test]
async fn a_second_binding_sends_and_polls() {
    let server = Server::new(|request| match request.number {
        0 => answer(StatusCode::OK, &json!({ "task": task("WORKING", "") })),
        _ => answer(StatusCode::OK, &task("COMPLETED", "whole")),
    })
    .await;
    let outcome = client(Limits::default()).send(&endpoint(&server), &hello()).await;
    assert_eq!((outcome.error, outcome.view.text().as_str()), (None, "whole"));
    assert_eq!(outcome.view.drift, [Drift::NotBlocking("working".into())]);
    assert_eq!(outcome.exchanges[0].method, "POST /message:send");
    let requests = server.requests();
    assert_eq!(lines(&requests), ["POST /rpc/message:send", "GET /rpc/tasks/t1"]);
    let names: Vec<_> = requests[0].body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["message", "configuration", "tenant"]);
    assert_eq!(requests[0].body["message"]["parts"], json!([{ "text": "hello" }]));
    for request in requests {
        assert_eq!(request.headers.get("a2a-version").unwrap(), "1.0");
    }
}

#[tokio::test]
async fn a_second_binding_streams() {
    let server = Server::new(|_| events(&story())).await;
    let (client, endpoint) = (client(Limits::default()), endpoint(&server));
    let streamed = client.stream(&endpoint, &hello(), |_| Flow::GoOn).await;
    let again = client.resubscribe(&endpoint, "t1", |_| Flow::GoOn).await;
    for outcome in [streamed, again] {
        assert_eq!((outcome.error, outcome.view.state), (None, Some(State::Completed)));
        assert_eq!((outcome.view.text().as_str(), outcome.view.drift), ("Zorvane", vec![]));
    }
    assert_eq!(lines(&server.requests()), ["POST /rpc/message:stream", "POST /rpc/tasks/t1:subscribe"]);
}

#[tokio::test]
async fn a_second_binding_reads_refusals() {
    let refusing = Server::new(|_| {
        answer(StatusCode::CONFLICT, &status("TASK_NOT_CANCELABLE", "Task cannot be canceled"))
    })
    .await;
    let error = client(Limits::default()).cancel(&endpoint(&refusing), "t1").await.error.unwrap();
    assert_eq!(error.refusal(), Some(Refusal::NotCancelable));
    assert_eq!(error.to_string(), "HTTP+JSON error TASK_NOT_CANCELABLE: Task cannot be canceled");
    assert_eq!(lines(&refusing.requests()), ["POST /rpc/tasks/t1:cancel"]);

    let breaking = Server::new(|_| events(&[story().remove(0), status("UNSUPPORTED_OPERATION", "no")])).await;
    let outcome = client(Limits::default()).stream(&endpoint(&breaking), &hello(), |_| Flow::GoOn).await;
    assert_eq!(outcome.error.unwrap().refusal(), Some(Refusal::Unsupported));
    assert_eq!(outcome.view.state, Some(State::Submitted));

    let missing = Server::new(|_| answer(StatusCode::NOT_FOUND, &json!("nothing here"))).await;
    let error = client(Limits::default()).task(&endpoint(&missing), "t1").await.error.unwrap();
    assert!(error.is_wrong_address(), "{error:?}");
}

#[tokio::test]
async fn a_second_binding_keeps_the_limits() {
    let server = Server::new(|_| of_type("application/a2a+json", "[".repeat(101))).await;
    let error = client(Limits::default()).send(&endpoint(&server), &hello()).await.error.unwrap();
    assert!(error.to_string().contains("nested deeper than 100 levels"), "{error}");
}
