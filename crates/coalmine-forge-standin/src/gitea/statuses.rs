//! Statuses of commits, and tasks of Actions.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::{Value, json};

use super::{
    Context, needs_write, on,
    template::{fill, template},
};
use crate::{
    http::{Reply, Request, page, refusal},
    model::{Model, Status, Task},
};

/// The largest page, and the usual one.
const MAX_PAGE: usize = 50;
const USUAL_PAGE: usize = 30;

/// Lists all statuses of a commit: the newest second first, and ids in order within one. Without `limit` it
/// lists all, and still names a next page. The order `highestindex` was only read.
pub(super) fn list(model: &mut Model, request: &Request, context: &Context, sha: &str) -> Reply {
    let body = template(model, "status");
    let mut found = of_commit(model, context, sha);
    if request.parameter("sort") != Some("highestindex") {
        found.sort_by_key(|status| Reverse(status.created.as_second()));
    }
    let (total, number) = (found.len(), request.number("page").unwrap_or(1));
    let link = |number: usize| {
        let url = format!("{}{}?page={number}", request.root, request.path);
        format!("<{url}>; rel=\"next\",<{url}>; rel=\"last\"")
    };
    let (shown, next) = match request.number("limit") {
        Some(limit) => page(found, number, limit.min(MAX_PAGE)),
        None => (found, total > USUAL_PAGE),
    };
    let list = shown.iter().map(|status| shown_status(&body, request, context, status, model)).collect();
    let reply = Reply::json(200, &Value::Array(list)).header("x-total-count", total);
    if next { reply.header("link", link(number + 1)) } else { reply }
}

/// Combines the newest status of each context, but only those of one page.
pub(super) fn combined(model: &mut Model, request: &Request, context: &Context, sha: &str) -> Reply {
    let (body, combined) = (template(model, "status"), template(model, "combined"));
    let all = of_commit(model, context, sha);
    let newest: BTreeMap<_, _> = all.iter().map(|status| (status.context.clone(), status.clone())).collect();
    let mut newest: Vec<_> = newest.into_values().collect();
    newest.sort_by_key(|status| Reverse(status.id));
    let total = newest.len();
    let limit = request.number("limit").unwrap_or(USUAL_PAGE).min(MAX_PAGE);
    let (shown, _) = page(newest, request.number("page").unwrap_or(1), limit);
    let has = |states: &[&str]| shown.iter().any(|status| states.contains(&status.state.as_str()));
    let state = match () {
        () if has(&["error", "failure"]) => "failure",
        () if has(&["warning"]) => "warning",
        () if has(&["pending"]) || shown.is_empty() => "pending",
        () => "success",
    };
    let list: Vec<_> =
        shown.iter().map(|status| shown_status(&body, request, context, status, model)).collect();
    let fields = json!({ "state": state, "sha": sha, "total_count": shown.len(), "statuses": list });
    Reply::json(200, &fill(combined, fields)).header("x-total-count", total)
}

/// Posts a status, whatever its state is.
pub(super) fn post(model: &mut Model, request: &Request, context: &Context, sha: &str) -> Reply {
    if let Some(reply) = needs_write(request, context) {
        return reply;
    }
    if on(model, context).commit(sha).is_none() {
        let message = format!("GetCommit[{sha}]: object does not exist [id: {sha}, rel_path: ]");
        return refusal(request, 500, message);
    }
    let (id, created) = (model.next_id(), model.tick());
    let status = Status {
        id,
        sha: sha.to_owned(),
        context: Some(request.text("context"))
            .filter(|text| !text.is_empty())
            .unwrap_or("default".to_owned()),
        state: request.text("state"),
        description: request.text("description"),
        target_url: request.text("target_url"),
        creator: context.login.clone(),
        created,
    };
    on(model, context).statuses.push(status.clone());
    let body = template(model, "status");
    Reply::json(201, &shown_status(&body, request, context, &status, model))
}

fn of_commit(model: &mut Model, context: &Context, sha: &str) -> Vec<Status> {
    on(model, context).statuses.iter().filter(|status| status.sha == sha).cloned().collect()
}

fn shown_status(body: &Value, request: &Request, context: &Context, status: &Status, model: &Model) -> Value {
    let creator = status.creator.as_ref().map(|login| {
        let id = model.user(login).map_or(0, |user| user.id);
        json!({ "id": id, "login": login })
    });
    fill(
        body.clone(),
        json!({
            "id": status.id,
            "status": status.state,
            "target_url": status.target_url,
            "description": status.description,
            "url": format!("{}/api/v1/repos/{}/statuses/{}", request.root, context.full_name, status.sha),
            "context": status.context,
            "creator": creator,
            "created_at": status.created,
            "updated_at": status.created,
        }),
    )
}

/// Lists the tasks of the repository, the newest first. The fields of one were only read.
pub(super) fn tasks(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let mut all: Vec<Task> = on(model, context).tasks.clone();
    all.sort_by_key(|task| Reverse(task.id));
    let total = all.len();
    let limit = request.number("limit").unwrap_or(USUAL_PAGE).min(MAX_PAGE);
    let (shown, _) = page(all, request.number("page").unwrap_or(1), limit);
    let list: Vec<_> = shown.iter().map(|task| shown_task(request, context, task)).collect();
    Reply::json(200, &json!({ "workflow_runs": list, "total_count": total }))
}

fn shown_task(request: &Request, context: &Context, task: &Task) -> Value {
    json!({
        "id": task.id,
        "name": task.job,
        "head_branch": task.branch,
        "head_sha": task.sha,
        "run_number": task.id,
        "event": task.event,
        "display_title": task.job,
        "status": task.state,
        "workflow_id": task.workflow,
        "url": format!("{}/{}/actions/runs/{}", request.root, context.full_name, task.id),
        "created_at": task.created,
        "updated_at": task.created,
        "run_started_at": task.created,
    })
}
