//! GitHub, by its documentation: what the gate needs of it.

mod branches;
mod git;
mod issues;
mod protection;
mod pulls;
mod statuses;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    http::{Reply, Request, page},
    model::{Model, Permission, Repository},
};

/// Who asks, about which repository.
struct Context {
    login: Option<String>,
    full_name: String,
    permission: Permission,
}

/// Answers a request to the API.
pub(crate) fn route(model: &mut Model, request: &Request) -> Reply {
    let login = match &request.token {
        None => None,
        Some(token) => match model.users.iter().find(|user| user.token == *token) {
            Some(user) => Some(user.login.clone()),
            None => return refusal(401, "Bad credentials"),
        },
    };
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["meta"]) => Reply::json(200, &json!({ "installed_version": model.version })),
        (&Method::GET, ["user"]) => match login.and_then(|login| model.user(&login).cloned()) {
            Some(user) => Reply::json(200, &json!({ "id": user.id, "login": user.login })),
            None => refusal(401, "Requires authentication"),
        },
        (_, ["repos", owner, name, rest @ ..]) => {
            let Some(repository) = model.repository(&format!("{owner}/{name}")).map(|found| found.clone())
            else {
                return missing();
            };
            let Some(permission) = model.permission(login.as_deref(), &repository) else { return missing() };
            let context = Context { login, full_name: repository.full_name, permission };
            within(model, request, &context, rest)
        }
        _ => missing(),
    }
}

/// Answers a request about a repository. A user who may not write is refused, or sees nothing.
fn within(model: &mut Model, request: &Request, context: &Context, rest: &[&str]) -> Reply {
    let is_write = request.method != Method::GET;
    if is_write && context.login.is_none() {
        return refusal(401, "Requires authentication");
    }
    if is_write && context.permission < Permission::Write && rest.first() != Some(&"issues") {
        return refusal(403, "Resource not accessible by personal access token");
    }
    if is_write && on(model, context).archived {
        return refusal(403, "Repository was archived so is read-only.");
    }
    match (&request.method, rest) {
        (&Method::GET, []) => branches::repository(model, context),
        (&Method::GET, ["branches", branch]) => branches::branch(model, context, branch),
        (&Method::GET, ["rules", "branches", branch]) => branches::rules(model, request, context, branch),
        (_, ["branches", branch, "protection", part @ ..]) => {
            protection::route(model, request, context, branch, part)
        }
        (&Method::GET, ["contents", path @ ..]) => git::contents(model, request, context, &path.join("/")),
        (_, ["git", kind, rest @ ..]) => git::route(model, request, context, kind, &rest.join("/")),
        (&Method::GET, ["commits", sha, "statuses"]) => statuses::list(model, request, context, sha),
        (&Method::GET, ["commits", sha, "check-runs"]) => statuses::runs(model, request, context, sha),
        (_, ["pulls", rest @ ..]) => pulls::route(model, request, context, rest),
        (_, ["issues", rest @ ..]) => issues::route(model, request, context, rest),
        _ => missing(),
    }
}

fn on<'a>(model: &'a mut Model, context: &Context) -> &'a mut Repository {
    model.repository(&context.full_name).expect("a repository that was found before")
}

fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message, "documentation_url": "https://docs.example/rest" }))
}

fn missing() -> Reply {
    refusal(404, "Not Found")
}

/// Returns one page of a list, and whether `Link` names a next one.
fn paged<T>(request: &Request, all: Vec<T>) -> (Vec<T>, Option<String>) {
    let number = request.number("page").unwrap_or(1);
    let size = request.number("per_page").unwrap_or(30).min(100);
    let (shown, next) = page(all, number, size);
    let link = format!("<{}{}?page={}>; rel=\"next\"", request.root, request.path, number + 1);
    (shown, next.then_some(link))
}

/// Answers with one page of a list.
fn list(request: &Request, all: Vec<Value>) -> Reply {
    let (shown, link) = paged(request, all);
    let reply = Reply::json(200, &Value::Array(shown));
    match link {
        Some(link) => reply.header("link", link),
        None => reply,
    }
}
