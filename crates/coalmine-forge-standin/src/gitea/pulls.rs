//! Pull requests.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{
    Context, needs_write, on,
    template::{fill, template},
};
use crate::{
    http::{Reply, Request, missing, page, refusal},
    model::{Model, Pull},
};

pub(super) fn one(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    match find_number(model, context, number).cloned() {
        Some(pull) => Reply::json(200, &shown(model, request, context, &pull)),
        None => missing(request),
    }
}

pub(super) fn find_number<'a>(model: &'a mut Model, context: &Context, number: &str) -> Option<&'a mut Pull> {
    let number: u64 = number.parse().ok()?;
    on(model, context).pulls.iter_mut().find(|pull| pull.number == number)
}

/// Finds a pull request between two branches. Nobody measured whether that can be a closed one, so it is the
/// first of all.
pub(super) fn find(model: &mut Model, request: &Request, context: &Context, base: &str, head: &str) -> Reply {
    let is_it = |pull: &&Pull| pull.fork.is_none() && pull.base_ref == base && pull.head_ref == head;
    match on(model, context).pulls.iter().find(is_it).cloned() {
        Some(pull) => Reply::json(200, &shown(model, request, context, &pull)),
        None => missing(request),
    }
}

/// Finds the open pull request between two branches.
fn between(model: &mut Model, context: &Context, base: &str, head: &str) -> Option<Pull> {
    let is_it =
        |pull: &&Pull| pull.open && pull.fork.is_none() && pull.base_ref == base && pull.head_ref == head;
    on(model, context).pulls.iter().find(is_it).cloned()
}

/// Lists pull requests, the newest first.
pub(super) fn list(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let state = request.parameter("state").unwrap_or("open");
    let mut pulls: Vec<Pull> = on(model, context).pulls.clone();
    pulls.retain(|pull| state == "all" || pull.open == (state == "open"));
    pulls.sort_by_key(|pull| Reverse(pull.created));
    let total = pulls.len();
    let limit = request.number("limit").unwrap_or(30).min(50);
    let (pulls, _) = page(pulls, request.number("page").unwrap_or(1), limit);
    let mut list: Vec<Value> = pulls.iter().map(|pull| shown(model, request, context, pull)).collect();
    if model.since(23) {
        for pull in list.iter_mut().filter_map(Value::as_object_mut) {
            // from 1.23 only a single pull request has them
            pull.retain(|name, _| !matches!(name.as_str(), "additions" | "deletions" | "changed_files"));
        }
    }
    Reply::json(200, &Value::Array(list)).header("x-total-count", total)
}

/// Lists the commits of a pull request. The real servers were not asked for them; this is what their documentation says.
pub(super) fn commits(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    let Some(pull) = find_number(model, context, number).cloned() else { return missing(request) };
    let commits = on(model, context).commits_of(&pull);
    let list: Vec<Value> = commits.iter().map(|commit| json!({ "sha": commit.sha })).collect();
    let total = list.len();
    let limit = request.number("limit").unwrap_or(30).min(50);
    let (list, _) = page(list, request.number("page").unwrap_or(1), limit);
    Reply::json(200, &Value::Array(list)).header("x-total-count", total)
}

pub(super) fn open(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let (head_ref, base_ref) = (request.text("head"), request.text("base"));
    if let Some(pull) = between(model, context, &base_ref, &head_ref) {
        let (id, number, own) = (pull.id, pull.number, on(model, context).id);
        let message = format!(
            "pull request already exists for these targets [id: {id}, issue_id: {number}, head_repo_id: {own}, \
             base_repo_id: {own}, head_branch: {head_ref}, base_branch: {base_ref}]"
        );
        return refusal(request, 409, message);
    }
    let repository = on(model, context);
    let (Some(head), true) =
        (repository.branches.get(&head_ref).cloned(), repository.branches.contains_key(&base_ref))
    else {
        return missing(request);
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
        unchecked: true,
        created,
        updated: created,
        closed: None,
    };
    on(model, context).pulls.push(pull.clone());
    Reply::json(201, &shown(model, request, context, &pull))
}

/// Closes a pull request, or opens it again.
pub(super) fn edit(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    let author = find_number(model, context, number).map(|pull| pull.author.clone());
    if author != context.login
        && let Some(reply) = needs_write(request, context)
    {
        return reply;
    }
    let now = model.tick();
    let Some(pull) = find_number(model, context, number) else { return missing(request) };
    if pull.merged.is_some() {
        return refusal(request, 412, "cannot change state of this pull request, it was already merged");
    }
    pull.open = request.text("state") != "closed";
    pull.closed = Some(now).filter(|_| !pull.open);
    pull.updated = now;
    let pull = pull.clone();
    Reply::json(201, &shown(model, request, context, &pull))
}

fn shown(model: &mut Model, request: &Request, context: &Context, pull: &Pull) -> Value {
    let body = template(model, "pull");
    let repository = on(model, context);
    let url = format!("{}/{}/pulls/{}", request.root, repository.full_name, pull.number);
    let base = repository.branches.get(&pull.base_ref).cloned().unwrap_or_default();
    let comments = repository.comments.iter().filter(|comment| comment.pull == pull.number).count();
    let head_repository = pull.fork.as_ref().unwrap_or(&repository.full_name);
    fill(
        body,
        json!({
            "id": pull.id,
            "url": url,
            "html_url": url,
            "number": pull.number,
            "user": { "login": pull.author },
            "title": pull.title,
            "body": pull.body,
            "state": if pull.open { "open" } else { "closed" },
            "draft": pull.draft,
            "comments": comments,
            "mergeable": pull.open,
            "merged": pull.merged.is_some(),
            "merged_at": pull.merged,
            "base": {
                "label": pull.base_ref,
                "ref": pull.base_ref,
                "sha": base,
                "repo_id": repository.id,
                "repo": { "full_name": repository.full_name },
            },
            "head": {
                "label": pull.head_ref,
                "ref": pull.head_ref,
                "sha": pull.head,
                "repo": { "full_name": head_repository },
            },
            "created_at": pull.created,
            "updated_at": pull.updated,
            "closed_at": pull.closed,
        }),
    )
}
