//! Commit statuses and check runs.

use serde_json::{Value, json};

use super::{Context, on, paged};
use crate::{
    http::{Reply, Request},
    model::{Model, Status, Task},
};

fn list_of(statuses: &[Status], sha: &str) -> Vec<Value> {
    let found = statuses.iter().rev().filter(|status| status.sha == sha);
    found
        .map(|status| {
            json!({
                "id": status.id,
                "state": status.state,
                "context": status.context,
                "description": status.description,
                "target_url": status.target_url,
                "creator": status.creator.as_ref().map(|login| json!({ "login": login })),
                "created_at": status.created,
            })
        })
        .collect()
}

/// Lists the statuses of a commit, the newest first.
pub(super) fn list(model: &mut Model, request: &Request, context: &Context, sha: &str) -> Reply {
    super::list(request, list_of(&on(model, context).statuses, sha))
}

/// Lists the check runs of a commit, the newest first; only the last of each name, unless `filter=all`.
pub(super) fn runs(model: &mut Model, request: &Request, context: &Context, sha: &str) -> Reply {
    let mut found: Vec<Task> = vec![];
    for task in on(model, context).tasks.iter().rev().filter(|task| task.sha == sha) {
        let is_older = found.iter().any(|newer| newer.job == task.job && newer.app == task.app);
        if request.parameter("filter") == Some("all") || !is_older {
            found.push(task.clone());
        }
    }
    let total = found.len();
    let (shown, link) = paged(request, found);
    let runs: Vec<_> = shown.iter().map(run).collect();
    let reply = Reply::json(200, &json!({ "total_count": total, "check_runs": runs }));
    match link {
        Some(link) => reply.header("link", link),
        None => reply,
    }
}

fn run(task: &Task) -> Value {
    let is_pending = matches!(task.state.as_str(), "queued" | "in_progress");
    let (status, conclusion) = match is_pending {
        true => (task.state.as_str(), None),
        false => ("completed", Some(&task.state)),
    };
    json!({
        "id": task.id,
        "name": task.job,
        "head_sha": task.sha,
        "status": status,
        "conclusion": conclusion,
        "started_at": task.created,
        "html_url": format!("https://github.example/runs/{}", task.id),
        "app": { "id": task.app.0, "slug": task.app.1 },
        "output": { "title": null },
    })
}
