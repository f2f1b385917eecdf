//! Pull requests.

use std::cmp::Reverse;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Context, list, missing, on, refusal};
use crate::{
    http::{Reply, Request},
    model::{Model, Pull, Repository},
};

pub(super) fn route(model: &mut Model, request: &Request, context: &Context, rest: &[&str]) -> Reply {
    match (&request.method, rest) {
        (&Method::GET, []) => all(model, request, context),
        (&Method::POST, []) => open(model, request, context),
        (&Method::GET, [number]) => match find(model, context, number).cloned() {
            Some(pull) => Reply::json(200, &shown(on(model, context), &pull, true)),
            None => missing(),
        },
        (&Method::GET, [number, "commits"]) => commits(model, request, context, number),
        (&Method::PATCH, [number]) => edit(model, request, context, number),
        _ => missing(),
    }
}

pub(super) fn find<'a>(model: &'a mut Model, context: &Context, number: &str) -> Option<&'a mut Pull> {
    on(model, context).pulls.iter_mut().find(|pull| pull.number.to_string() == number)
}

fn all(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let state = request.parameter("state").unwrap_or("open");
    let repository = on(model, context);
    let mut pulls = repository.pulls.clone();
    pulls.retain(|pull| state == "all" || pull.open == (state == "open"));
    if let Some(base) = request.parameter("base") {
        pulls.retain(|pull| pull.base_ref == base);
    }
    if let Some(head) = request.parameter("head") {
        pulls.retain(|pull| format!("{}:{}", head_owner(repository, pull), pull.head_ref) == head);
    }
    pulls.sort_by_key(|pull| Reverse(pull.created));
    let shown = pulls.iter().map(|pull| shown(repository, pull, false)).collect();
    list(request, shown)
}

fn head_owner(repository: &Repository, pull: &Pull) -> String {
    let name = pull.fork.as_ref().unwrap_or(&repository.full_name);
    name.split('/').next().unwrap_or_default().to_owned()
}

/// Lists the commits of a pull request, the oldest first.
fn commits(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    let Some(pull) = find(model, context, number).cloned() else { return missing() };
    let commits = on(model, context).commits_of(&pull);
    list(request, commits.iter().rev().map(|commit| json!({ "sha": commit.sha })).collect())
}

fn open(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let (head_ref, base_ref) = (request.text("head"), request.text("base"));
    let repository = on(model, context);
    let is_same = |pull: &Pull| {
        pull.open && pull.fork.is_none() && pull.head_ref == head_ref && pull.base_ref == base_ref
    };
    let exists = repository.pulls.iter().any(is_same);
    let head = repository.branches.get(&head_ref).cloned();
    let (Some(head), false) = (head, exists || !repository.branches.contains_key(&base_ref)) else {
        return refusal(422, "Validation Failed");
    };
    let base = repository.branches.get(&base_ref).cloned().unwrap_or_default();
    let number = repository.pulls.len() as u64 + 1;
    let (id, created) = (model.next_id(), model.tick());
    let pull = Pull {
        id,
        number,
        title: request.text("title"),
        body: request.text("body"),
        author: context.login.clone().unwrap_or_default(),
        head_ref,
        head,
        fork: None,
        base,
        base_ref,
        open: true,
        merged: None,
        draft: false,
        unchecked: false,
        created,
        updated: created,
        closed: None,
    };
    on(model, context).pulls.push(pull.clone());
    Reply::json(201, &shown(on(model, context), &pull, true))
}

fn edit(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    let now = model.tick();
    let Some(pull) = find(model, context, number) else { return missing() };
    pull.open = request.text("state") != "closed";
    pull.closed = Some(now).filter(|_| !pull.open);
    pull.updated = now;
    let pull = pull.clone();
    Reply::json(200, &shown(on(model, context), &pull, true))
}

/// Returns a pull request as it is shown. Lists do not say whether it was merged, only when.
fn shown(repository: &Repository, pull: &Pull, single: bool) -> Value {
    let head_repository = pull.fork.as_ref().unwrap_or(&repository.full_name);
    let base = repository.branches.get(&pull.base_ref).cloned().unwrap_or_default();
    let mut body = json!({
        "id": pull.id,
        "number": pull.number,
        "html_url": format!("https://github.example/{}/pull/{}", repository.full_name, pull.number),
        "state": if pull.open { "open" } else { "closed" },
        "title": pull.title,
        "body": pull.body,
        "user": { "login": pull.author },
        "draft": pull.draft,
        "head": { "ref": pull.head_ref, "sha": pull.head, "repo": { "full_name": head_repository } },
        "base": { "ref": pull.base_ref, "sha": base, "repo": { "full_name": repository.full_name } },
        "created_at": pull.created,
        "updated_at": pull.updated,
        "closed_at": pull.closed,
        "merged_at": pull.merged,
    });
    if single {
        body["merged"] = pull.merged.is_some().into();
    }
    body
}
