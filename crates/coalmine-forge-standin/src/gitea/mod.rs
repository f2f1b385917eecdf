//! Gitea and Forgejo.

mod comments;
mod contents;
mod merge;
mod protection;
mod pulls;
mod repository;
mod statuses;
mod template;

use axum::http::Method;
use serde_json::json;

pub(crate) use self::template::template;
use crate::{
    http::{Reply, Request, missing, refusal},
    model::{Model, Permission, Repository},
};

/// Who asks, about which repository.
struct Context {
    /// The login, or `None` without a token.
    login: Option<String>,
    full_name: String,
    permission: Permission,
}

/// Answers a request to the API.
pub(crate) fn route(model: &mut Model, request: &Request) -> Reply {
    let login = match login(model, request) {
        Ok(login) => login,
        Err(reply) => return reply,
    };
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["version"]) => Reply::json(200, &json!({ "version": model.version })),
        (&Method::GET, ["settings", "api"]) => Reply::json(200, &template(model, "settings")),
        (&Method::GET, ["user"]) => match login.and_then(|login| model.user(&login).cloned()) {
            Some(user) => Reply::json(200, &json!({ "id": user.id, "login": user.login })),
            None => refusal(request, 401, "token is required"),
        },
        (&Method::POST, ["user", "repos"]) => match login {
            Some(login) => repository::create(model, request, &login),
            None => refusal(request, 401, "token is required"),
        },
        (_, ["repos", owner, name, rest @ ..]) => {
            let full_name = format!("{owner}/{name}");
            let Some(repository) = model.repository(&full_name).map(|repository| repository.clone()) else {
                return missing(request);
            };
            match model.permission(login.as_deref(), &repository) {
                Some(permission) => {
                    let context = Context { login, full_name: repository.full_name, permission };
                    within(model, request, &context, rest)
                }
                None => missing(request),
            }
        }
        _ => Reply::no_route(),
    }
}

/// Answers a request about a repository.
fn within(model: &mut Model, request: &Request, context: &Context, rest: &[&str]) -> Reply {
    let is_write = request.method != Method::GET;
    if is_write && context.login.is_none() {
        return refusal(request, 401, "token is required");
    }
    if is_write && on(model, context).archived {
        return refusal(request, 423, format!("{} is archived", context.full_name));
    }
    match (&request.method, rest) {
        (&Method::GET, []) => repository::repository(model, request, context),
        (&Method::PUT, ["collaborators", login]) => repository::invite(model, request, context, login),
        (&Method::GET, ["branches", name @ ..]) => {
            repository::branch(model, request, context, &name.join("/"))
        }
        (&Method::DELETE, ["branches", name @ ..]) => {
            repository::delete_branch(model, request, context, &name.join("/"))
        }
        (&Method::GET, ["commits"]) => repository::commits(model, request, context),
        (&Method::GET, ["commits", sha, "statuses"]) => statuses::list(model, request, context, sha),
        (&Method::GET, ["commits", sha, "status"]) => statuses::combined(model, request, context, sha),
        (&Method::POST, ["statuses", sha]) => statuses::post(model, request, context, sha),
        (&Method::GET, ["actions", "tasks"]) if model.since(23) => statuses::tasks(model, request, context),
        (_, ["branch_protections", ..]) => protection::route(model, request, context, &rest[1..]),
        (&Method::GET, ["contents", path @ ..]) => contents::read(model, request, context, &path.join("/")),
        (&Method::POST, ["contents"]) => contents::several(model, request, context),
        (&Method::POST | &Method::PUT, ["contents", path @ ..]) => {
            contents::one(model, request, context, &path.join("/"))
        }
        (&Method::GET, ["pulls"]) => pulls::list(model, request, context),
        (&Method::POST, ["pulls"]) => pulls::open(model, request, context),
        (&Method::POST, ["pulls", number, "merge"]) => merge::merge(model, request, context, number),
        (&Method::GET, ["pulls", number, "commits"]) => pulls::commits(model, request, context, number),
        (&Method::GET, ["pulls", number]) => pulls::one(model, request, context, number),
        (&Method::PATCH, ["pulls", number]) => pulls::edit(model, request, context, number),
        (&Method::GET, ["pulls", base, head @ ..]) => {
            pulls::find(model, request, context, base, &head.join("/"))
        }
        (&Method::GET, ["issues", number, "comments"]) => comments::list(model, request, context, number),
        (&Method::POST, ["issues", number, "comments"]) => comments::create(model, request, context, number),
        (&Method::PATCH, ["issues", "comments", id]) => comments::edit(model, request, context, id),
        _ => Reply::no_route(),
    }
}

/// Returns who asks. No token is nobody, and a wrong one is refused everywhere.
fn login(model: &Model, request: &Request) -> Result<Option<String>, Reply> {
    let Some(token) = &request.token else { return Ok(None) };
    match model.users.iter().find(|user| user.token == *token) {
        Some(user) => Ok(Some(user.login.clone())),
        None => Err(refusal(request, 401, "user does not exist [uid: 0, name: ]")),
    }
}

/// Returns the repository that a request is about.
fn on<'a>(model: &'a mut Model, context: &Context) -> &'a mut Repository {
    model.repository(&context.full_name).expect("a repository that was found before")
}

/// Refuses writes of those who may only read.
fn needs_write(request: &Request, context: &Context) -> Option<Reply> {
    let message = "user should have a permission to write to a repo";
    (context.permission < Permission::Write).then(|| refusal(request, 403, message))
}
