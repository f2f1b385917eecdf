//! Comments on pull requests. Anybody with write access can edit anybody's.

use serde_json::{Value, json};

use super::{
    Context, needs_write, on,
    pulls::find_number,
    template::{fill, template},
};
use crate::{
    http::{Reply, Request, missing},
    model::{Comment, Model},
};

/// Lists all comments, on one page.
pub(super) fn list(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    let Some(number) = find_number(model, context, number).map(|pull| pull.number) else {
        return missing(request);
    };
    let mut comments: Vec<Comment> = on(model, context).comments.clone();
    comments.retain(|comment| comment.pull == number);
    let list: Vec<_> = comments.iter().map(|comment| shown(model, request, context, comment)).collect();
    let total = list.len();
    Reply::json(200, &Value::Array(list)).header("x-total-count", total)
}

pub(super) fn create(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    let Some(pull) = find_number(model, context, number).map(|pull| pull.number) else {
        return missing(request);
    };
    let (id, created) = (model.next_id(), model.tick());
    let comment = Comment {
        id,
        pull,
        author: context.login.clone().unwrap_or_default(),
        body: request.text("body"),
        created,
        updated: created,
    };
    on(model, context).comments.push(comment.clone());
    Reply::json(201, &shown(model, request, context, &comment))
}

pub(super) fn edit(model: &mut Model, request: &Request, context: &Context, id: &str) -> Reply {
    let now = model.tick();
    let is_it = |comment: &&mut Comment| comment.id.to_string() == id;
    let Some(found) = on(model, context).comments.iter_mut().find(is_it) else { return missing(request) };
    if context.login.as_ref() != Some(&found.author)
        && let Some(reply) = needs_write(request, context)
    {
        return reply;
    }
    found.body = request.text("body");
    found.updated = now;
    let comment = found.clone();
    Reply::json(200, &shown(model, request, context, &comment))
}

fn shown(model: &Model, request: &Request, context: &Context, comment: &Comment) -> Value {
    let url = format!("{}/{}/pulls/{}", request.root, context.full_name, comment.pull);
    let id = model.user(&comment.author).map_or(0, |user| user.id);
    fill(
        template(model, "comment"),
        json!({
            "id": comment.id,
            "html_url": format!("{url}#issuecomment-{}", comment.id),
            "pull_request_url": url,
            "user": { "id": id, "login": comment.author },
            "body": comment.body,
            "created_at": comment.created,
            "updated_at": comment.updated,
        }),
    )
}
