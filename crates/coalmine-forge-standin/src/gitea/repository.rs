//! Repositories, branches and commits.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{
    Context, needs_write, on, protection,
    template::{fill, template},
};
use crate::{
    http::{Reply, Request, missing, page, refusal},
    model::{Commit, Model, Permission},
    seed::StandIn,
};

/// Creates a repository with one commit.
pub(super) fn create(model: &mut Model, request: &Request, login: &str) -> Reply {
    let full_name = format!("{login}/{}", request.text("name"));
    if model.repository(&full_name).is_some() {
        return refusal(request, 409, "The repository with the same name already exists.");
    }
    *model = StandIn::of(model.clone()).repository(&full_name).into_model();
    let context = Context { login: Some(login.to_owned()), full_name, permission: Permission::Admin };
    let reply = repository(model, request, &context);
    Reply { status: 201, ..reply }
}

/// Gives a user a permission.
pub(super) fn invite(model: &mut Model, request: &Request, context: &Context, login: &str) -> Reply {
    if context.permission < Permission::Admin {
        return refusal(
            request,
            403,
            "user should be an owner or a collaborator with admin write of a repository",
        );
    }
    let permission = match request.text("permission").as_str() {
        "admin" => Permission::Admin,
        "read" => Permission::Read,
        _ => Permission::Write,
    };
    on(model, context).permissions.insert(login.to_owned(), permission);
    Reply::empty(204)
}

pub(super) fn repository(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let body = template(model, "repository");
    let at_least = |permission| context.permission >= permission;
    let permissions = json!({
        "admin": at_least(Permission::Admin),
        "push": at_least(Permission::Write),
        "pull": true,
    });
    let repository = on(model, context);
    let url = format!("{}/{}", request.root, repository.full_name);
    Reply::json(
        200,
        &fill(
            body,
            json!({
                "id": repository.id,
                "owner": { "login": repository.owner() },
                "name": repository.name(),
                "full_name": repository.full_name,
                "empty": repository.branches.is_empty(),
                "private": repository.private,
                "html_url": url,
                "clone_url": format!("{url}.git"),
                "default_branch": repository.default_branch,
                "archived": repository.archived,
                "permissions": permissions,
            }),
        ),
    )
}

pub(super) fn branch(model: &mut Model, request: &Request, context: &Context, name: &str) -> Reply {
    let body = template(model, "branch");
    let repository = on(model, context);
    let Some(commit) = repository.branches.get(name).and_then(|sha| repository.commit(sha)) else {
        return missing(request);
    };
    let rule = protection::effective(repository, name);
    let field = |name: &str, default: Value| rule.and_then(|rule| rule.get(name).cloned()).unwrap_or(default);
    let is_admin = context.permission == Permission::Admin;
    // only a repository admin is told which rule it is
    let rule_name = field("rule_name", "".into());
    Reply::json(
        200,
        &fill(
            body,
            json!({
                "name": name,
                "commit": { "id": commit.sha, "message": commit.message, "timestamp": commit.time },
                "protected": rule.is_some(),
                "required_approvals": field("required_approvals", 0.into()),
                "enable_status_check": field("enable_status_check", false.into()),
                "status_check_contexts": field("status_check_contexts", json!([])),
                "user_can_push": rule.is_none() && context.permission >= Permission::Write,
                "user_can_merge": context.permission >= Permission::Write,
                "effective_branch_protection_name": if is_admin { rule_name } else { "".into() },
            }),
        ),
    )
}

pub(super) fn delete_branch(model: &mut Model, request: &Request, context: &Context, name: &str) -> Reply {
    if let Some(reply) = needs_write(request, context) {
        return reply;
    }
    let repository = on(model, context);
    if !repository.branches.contains_key(name) {
        return missing(request);
    }
    if repository.default_branch == name {
        return refusal(request, 403, "can not delete default branch");
    }
    if protection::effective(repository, name).is_some() {
        return refusal(request, 403, "branch protected");
    }
    repository.branches.remove(name);
    Reply::empty(204)
}

pub(super) fn commits(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let body = template(model, "commit");
    let repository = on(model, context);
    let start = request.parameter("sha").unwrap_or(&repository.default_branch);
    let mut found =
        repository.commit(start).map(|commit| repository.history(&commit.sha)).unwrap_or_default();
    found.sort_by_key(|commit| Reverse(commit.time));
    let total = found.len();
    let (found, _) = page(found, request.number("page").unwrap_or(1), request.number("limit").unwrap_or(30));
    let list = found.into_iter().map(|commit| commit_body(body.clone(), commit)).collect();
    Reply::json(200, &Value::Array(list)).header("x-total-count", total)
}

pub(super) fn commit_body(body: Value, commit: &Commit) -> Value {
    let person = json!({ "name": commit.author, "date": commit.time });
    let parents: Vec<_> = commit
        .parents
        .iter()
        .map(|sha| json!({ "url": sha, "sha": sha, "created": "0001-01-01T00:00:00Z" }))
        .collect();
    fill(
        body,
        json!({
            "sha": commit.sha,
            "created": commit.time,
            "commit": { "author": person, "committer": person, "message": commit.message },
            "author": { "login": commit.author },
            "committer": { "login": commit.author },
            "parents": parents,
        }),
    )
}
