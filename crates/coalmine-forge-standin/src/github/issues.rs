//! Comments on pull requests.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Context, list, missing, on, pulls::find, refusal};
use crate::{
    http::{Reply, Request},
    model::{Comment, Model, Permission},
};

pub(super) fn route(model: &mut Model, request: &Request, context: &Context, rest: &[&str]) -> Reply {
    match (&request.method, rest) {
        (&Method::PATCH, ["comments", id]) => edit(model, request, context, id),
        (method, [number, "comments"]) => {
            let Some(pull) = find(model, context, number).map(|pull| pull.number) else { return missing() };
            match *method {
                Method::GET => {
                    let comments = on(model, context).comments.iter().filter(|comment| comment.pull == pull);
                    list(request, comments.map(shown).collect())
                }
                Method::POST => create(model, request, context, pull),
                _ => missing(),
            }
        }
        _ => missing(),
    }
}

fn create(model: &mut Model, request: &Request, context: &Context, pull: u64) -> Reply {
    let (id, created) = (model.next_id(), model.tick());
    let author = context.login.clone().unwrap_or_default();
    let comment = Comment { id, pull, author, body: request.text("body"), created, updated: created };
    on(model, context).comments.push(comment.clone());
    Reply::json(201, &shown(&comment))
}

fn edit(model: &mut Model, request: &Request, context: &Context, id: &str) -> Reply {
    let now = model.tick();
    let is_it = |comment: &&mut Comment| comment.id.to_string() == id;
    let Some(comment) = on(model, context).comments.iter_mut().find(is_it) else { return missing() };
    if context.permission < Permission::Write && context.login.as_ref() != Some(&comment.author) {
        return refusal(403, "Must have admin rights to Repository.");
    }
    comment.body = request.text("body");
    comment.updated = now;
    Reply::json(200, &shown(comment))
}

fn shown(comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "user": { "login": comment.author },
        "body": comment.body,
        "created_at": comment.created,
        "updated_at": comment.updated,
    })
}
