//! The calls that were made to real servers, repeated on the stand-in: status, headers, refusals and the shape of
//! every body are the same.

use coalmine_forge_standin::{Running, StandIn};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::support::{CONTEXT, VERSIONS};

const CALLS: &str = include_str!("../../../coalmine-forge-standin/recorded/calls.json");

/// The number of calls that were recorded.
const NUMBER: usize = 66;

#[tokio::test]
async fn stand_in_answers_as_real_servers_did() {
    let calls: Vec<Value> = serde_json::from_str(CALLS).unwrap();
    assert_eq!(calls.len(), NUMBER);
    for version in VERSIONS {
        let forge = StandIn::gitea(version).user("owner", "owner-token").serve();
        let mut problems = vec![];
        for call in &calls {
            prepare(&forge, call["what"].as_str().unwrap()).await;
            let expected = call.get(version).unwrap_or(&call["1.22.6"]);
            let response = repeat(&forge, call).await;
            problems.extend(differences(&forge, call, expected, response).await);
        }
        assert!(problems.is_empty(), "{version}:\n{}", problems.join("\n"));
    }
}

/// Does what happened on the real server between two recorded calls.
async fn prepare(forge: &Running, before: &str) {
    let head = |standin: StandIn| standin.commit("session-continuity-e2e");
    match before {
        "combined status, none" => {
            forge.change(|standin| head(standin).status(CONTEXT, "pending", "Waiting to run"));
        }
        "combined status over more than a page" => forge.change(|standin| {
            (0..35).fold(head(standin), |standin, number| {
                standin.status_by("author", &format!("c{number}"), "success", "")
            })
        }),
        "merge while the required context is red (a writer)" => {
            forge.change(|standin| head(standin).status_by("author", CONTEXT, "failure", ""));
        }
        "merge while the required context is a warning (a writer)" => {
            forge.change(|standin| head(standin).status_by("author", CONTEXT, "warning", ""));
        }
        "merge while the required context is green (a writer; an unrelated one is red)" => {
            forge.change(|standin| {
                let standin = head(standin).status_by("author", CONTEXT, "success", "");
                standin.status_by("author", "unrelated", "failure", "")
            });
        }
        _ => {}
    }
}

/// Makes one call, with this server's own ids.
async fn repeat(forge: &Running, call: &Value) -> Response {
    let path = call["path"].as_str().unwrap();
    let head = || {
        let branches = forge.branches("owner/t1");
        branches.into_iter().find(|(name, _)| name == "session-continuity-e2e").unwrap().1
    };
    let path = if path.contains("{head}") { path.replace("{head}", &head()) } else { path.to_owned() };
    let path = match path.contains("{comment}") {
        true => path.replace("{comment}", &comment(forge).await),
        false => path,
    };
    let mut body = call["body"].clone();
    if body["sha"] == "{blob}" {
        body["sha"] = blob(forge).await.into();
    }
    let method: Method = call["method"].as_str().unwrap().parse().unwrap();
    send(forge, method, &path, call["as"].as_str(), (!body.is_null()).then_some(&body)).await
}

async fn send(
    forge: &Running,
    method: Method,
    path: &str,
    login: Option<&str>,
    body: Option<&Value>,
) -> Response {
    // only the first call installs it
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let mut request = client.request(method, format!("{}{path}", forge.url()));
    if let Some(login) = login {
        request = request.header("authorization", format!("token {login}-token"));
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    request.send().await.unwrap()
}

async fn blob(forge: &Running) -> String {
    let path = "/api/v1/repos/owner/t1/contents/.gitea/workflows/session-continuity-e2e.yml";
    let path = format!("{path}?ref=session-continuity-e2e");
    let file: Value = send(forge, Method::GET, &path, Some("owner"), None).await.json().await.unwrap();
    file["sha"].as_str().unwrap().to_owned()
}

async fn comment(forge: &Running) -> String {
    let path = "/api/v1/repos/owner/t1/issues/1/comments";
    let comments: Value = send(forge, Method::GET, path, Some("owner"), None).await.json().await.unwrap();
    comments[0]["id"].to_string()
}

/// Returns what is not as it was recorded.
async fn differences(forge: &Running, call: &Value, expected: &Value, response: Response) -> Vec<String> {
    let mut problems = vec![];
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, total, link) = (response.status().as_u16(), header("x-total-count"), header("link"));
    let content_type = header("content-type");
    let body = response.text().await.unwrap();
    let mut expect = |what: &str, found: Value, expected: Value| {
        if found != expected {
            problems.push(format!("{}: {what}: {found}, recorded {expected}", call["what"]));
        }
    };
    expect("status", status.into(), expected["status"].clone());
    if let Some(recorded) = expected.get("total") {
        expect("total", json!(total), json!(Some(recorded.to_string())));
    }
    if expected.get("link").is_some() {
        expect("link", link.is_some_and(|link| link.contains("rel=\"next\"")).into(), true.into());
    }
    if let Some(recorded) = expected.get("type") {
        expect("type", json!(content_type), recorded.clone());
    }
    if let Some(recorded) = expected.get("body") {
        let found = serde_json::from_str(&body).unwrap_or(Value::String(body.clone()));
        expect("body", masked(forge, &found), masked(forge, recorded));
    }
    if let Some(shape) = expected.get("shape") {
        let found = serde_json::from_str(&body).unwrap_or(Value::String(body));
        compare(&call["what"].to_string(), shape, &found, &mut problems);
    }
    problems
}

/// Replaces ids, which differ between servers.
fn masked(forge: &Running, body: &Value) -> Value {
    let mut text = body.to_string().replace(&forge.url(), "{root}");
    let hex = regex::Regex::new(r"\b[0-9a-f]{40}\b").unwrap();
    let zeros = "0".repeat(40);
    text = hex
        .replace_all(&text, |found: &regex::Captures<'_>| match &found[0] {
            id if id == zeros => zeros.clone(),
            _ => "{sha}".to_owned(),
        })
        .into_owned();
    let ids = regex::Regex::new(r"(id|issue_id|head_repo_id|base_repo_id): \d+").unwrap();
    let text = ids.replace_all(&text, |found: &regex::Captures<'_>| match found[0].ends_with(&zeros) {
        true => found[0].to_owned(),
        false => format!("{}: {{n}}", &found[1]),
    });
    serde_json::from_str(&text).unwrap()
}

/// Compares a body with a shape: the same keys, and values of the same types. A number stands for a list of that
/// length, and `null` and a list are as good as each other, as they were on the real servers.
fn compare(place: &str, shape: &Value, found: &Value, problems: &mut Vec<String>) {
    match (shape, found) {
        (Value::Object(shape), Value::Object(found)) => {
            let cut = shape.contains_key("…");
            let missing = shape.keys().filter(|name| *name != "…" && !found.contains_key(*name));
            problems.extend(missing.map(|name| format!("{place}.{name} is missing")));
            let extra = found.keys().filter(|name| !cut && !shape.contains_key(*name));
            problems.extend(extra.map(|name| format!("{place}.{name} was not recorded")));
            for (name, shape) in shape {
                if let Some(found) = found.get(name) {
                    compare(&format!("{place}.{name}"), shape, found, problems);
                }
            }
        }
        (Value::Array(shape), Value::Array(found)) => {
            if shape.is_empty() != found.is_empty() {
                problems.push(format!("{place}: {} entries, recorded {}", found.len(), shape.len()));
            }
            // the shape is the first entry's
            if let (Some(shape), Some(found)) = (shape.first(), found.first()) {
                compare(&format!("{place}[]"), shape, found, problems);
            }
        }
        (Value::Number(length), Value::Array(found)) => {
            if length.as_u64() != Some(found.len() as u64) {
                problems.push(format!("{place}: {} entries, recorded {length}", found.len()));
            }
        }
        (Value::Null, Value::Null | Value::Array(_)) | (Value::Array(_), Value::Null) => {}
        (Value::String(name), found) if *name == type_name(found) => {}
        _ => problems.push(format!("{place}: {found}, recorded {shape}")),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
        Value::Null => "null",
        Value::Array(_) | Value::Object(_) => "a structure",
    }
}
