//! Requests and answers, as the routes see them.

use axum::http::Method;
use serde_json::{Value, json};

/// A request that the server got. The token is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path as it was sent, with the query.
    pub path: String,
    /// The body.
    pub body: String,
    /// Whether there was a header `Authorization`.
    pub authorized: bool,
}

/// A request, decoded.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The segments of the path below the API's root.
    pub(crate) segments: Vec<String>,
    /// The path as it was sent.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    /// The token, without its scheme.
    pub(crate) token: Option<String>,
    /// The address of the server.
    pub(crate) root: String,
}

impl Request {
    /// Returns a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns a number of the query.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.parameter(name)?.parse().ok()
    }

    /// Returns a text of the body; empty if it is missing.
    pub(crate) fn text(&self, name: &str) -> String {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let content_type = "application/json;charset=utf-8";
        Self { status, content_type, headers: vec![], body: body.to_string() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, content_type: "", headers: vec![], body: String::new() }
    }

    /// The answer of a server without this route.
    pub(crate) fn no_route() -> Self {
        Self {
            status: 404,
            content_type: "text/plain; charset=utf-8",
            headers: vec![],
            body: "404 page not found\n".to_owned(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

/// A refusal of Gitea.
pub(crate) fn refusal(request: &Request, status: u16, message: impl Into<String>) -> Reply {
    let url = format!("{}/api/swagger", request.root);
    Reply::json(status, &json!({ "message": message.into(), "url": url }))
}

/// What Gitea says of things that are not there.
pub(crate) fn missing(request: &Request) -> Reply {
    let url = format!("{}/api/swagger", request.root);
    Reply::json(404, &json!({ "errors": null, "message": "The target couldn't be found.", "url": url }))
}

/// Returns one page of a list, and whether there is a next one.
pub(crate) fn page<T>(all: Vec<T>, page: usize, size: usize) -> (Vec<T>, bool) {
    let end = page.saturating_mul(size);
    let next = end < all.len();
    (all.into_iter().skip(page.saturating_sub(1).saturating_mul(size)).take(size).collect(), next)
}
