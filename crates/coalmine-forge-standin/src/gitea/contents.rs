//! Files: read, and committed to a branch that can be new.

use std::collections::BTreeMap;

use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Context, needs_write, on, protection,
    template::{fill, template},
};
use crate::{
    http::{Reply, Request, refusal},
    model::{Model, Node, blob, digest},
};

type Files = BTreeMap<String, Node>;

pub(super) fn read(model: &mut Model, request: &Request, context: &Context, path: &str) -> Reply {
    let body = template(model, "file");
    let repository = on(model, context);
    let reference = request.parameter("ref").unwrap_or(&repository.default_branch);
    let Some(commit) = repository.commit(reference) else {
        return not_found(request, reference, "");
    };
    if let Some(node) = commit.files.get(path) {
        return Reply::json(200, &file(body, request, path, &commit.sha, node));
    }
    let entries = folder(&commit.files, path);
    if entries.is_empty() && !path.is_empty() {
        return not_found(request, "", path.split('/').next().unwrap_or_default());
    }
    let list = entries.into_iter().map(|(name, node)| entry(&body, request, path, &name, node)).collect();
    Reply::json(200, &Value::Array(list))
}

fn not_found(request: &Request, id: &str, path: &str) -> Reply {
    let error = format!("object does not exist [id: {id}, rel_path: {path}]");
    let url = format!("{}/api/swagger", request.root);
    Reply::json(404, &json!({ "errors": [error], "message": "GetContentsOrList", "url": url }))
}

/// Returns the entries of a folder; folders have no node.
fn folder<'a>(files: &'a Files, path: &str) -> BTreeMap<String, Option<&'a Node>> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let inside = files.iter().filter_map(|(name, node)| Some((name.strip_prefix(&prefix)?, node)));
    inside
        .map(|(name, node)| match name.split_once('/') {
            Some((folder, _)) => (folder.to_owned(), None),
            None => (name.to_owned(), Some(node)),
        })
        .collect()
}

/// Returns a file as `contents` shows it.
fn file(body: Value, request: &Request, path: &str, commit: &str, node: &Node) -> Value {
    let name = path.rsplit('/').next().unwrap_or_default();
    let fields = match node {
        Node::File(content) => json!({
            "type": "file",
            "size": content.len(),
            "encoding": "base64",
            "content": STANDARD.encode(content),
        }),
        Node::Symlink(target) => json!({
            "type": "symlink",
            "size": target.len(),
            "encoding": null,
            "content": null,
            "target": target,
        }),
    };
    let common = json!({
        "name": name,
        "path": path,
        "sha": blob(node),
        "last_commit_sha": commit,
        "url": format!("{}{}", request.root, request.path),
    });
    fill(fill(body, common), fields)
}

/// Returns an entry of a folder, which has no content.
fn entry(body: &Value, request: &Request, folder: &str, name: &str, node: Option<&Node>) -> Value {
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let nothing = json!({ "encoding": null, "content": null });
    match node {
        Some(node) => fill(file(body.clone(), request, &path, "", node), nothing),
        None => {
            let fields =
                json!({ "name": name, "path": path, "type": "dir", "size": 0, "sha": digest(&path) });
            fill(fill(body.clone(), fields), nothing)
        }
    }
}

/// Writes one file. POST creates it, PUT updates it.
pub(super) fn one(model: &mut Model, request: &Request, context: &Context, path: &str) -> Reply {
    let operation = if request.method == Method::PUT { "update" } else { "create" };
    let file = json!({
        "operation": operation,
        "path": path,
        "content": request.text("content"),
        "sha": request.text("sha"),
    });
    match commit(model, request, context, &[file]) {
        Ok((mut files, made)) => {
            let status = if operation == "update" { 200 } else { 201 };
            let content = files.pop().unwrap_or_default();
            Reply::json(status, &fill(json!({ "content": content }), made))
        }
        Err(reply) => reply,
    }
}

/// Writes several files in one commit.
pub(super) fn several(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let files = request.body.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
    match commit(model, request, context, &files) {
        Ok((files, made)) => Reply::json(201, &fill(json!({ "files": files }), made)),
        Err(reply) => reply,
    }
}

/// Makes the commit. Returns the files and the commit as they are shown.
fn commit(
    model: &mut Model,
    request: &Request,
    context: &Context,
    changes: &[Value],
) -> Result<(Vec<Value>, Value), Reply> {
    needs_write(request, context).map_or(Ok(()), Err)?;
    let (body, made) = (template(model, "file"), template(model, "made"));
    let repository = on(model, context);
    let base = Some(request.text("branch")).filter(|name| !name.is_empty());
    let base = base.unwrap_or_else(|| repository.default_branch.clone());
    let target = Some(request.text("new_branch")).filter(|name| !name.is_empty()).unwrap_or(base.clone());
    let Some(parent) = repository.branches.get(&base).and_then(|sha| repository.commit(sha)).cloned() else {
        return Err(refusal(request, 404, format!("branch does not exist [name: {base}]")));
    };
    if target != base && repository.branches.contains_key(&target) {
        return Err(refusal(request, 422, format!("branch already exists [name: {target}]")));
    }
    if protection::effective(repository, &target).is_some() {
        return Err(refusal(request, 403, "user is not allowed to push to a protected branch"));
    }
    let mut files = parent.files;
    for change in changes {
        apply(&mut files, change).map_err(|(status, message)| refusal(request, status, message))?;
    }
    let login = context.login.clone().unwrap_or_default();
    let message = request.text("message");
    let sha = model.commit(&context.full_name, vec![parent.sha.clone()], &message, &login, files.clone());
    on(model, context).advance(&target, &sha);
    let paths = changes.iter().filter_map(|change| change.get("path")?.as_str());
    let shown = paths.filter_map(|path| Some(file(body.clone(), request, path, &sha, files.get(path)?)));
    let parents = json!([{ "url": parent.sha, "sha": parent.sha, "created": "0001-01-01T00:00:00Z" }]);
    let message = format!("{message}\n");
    let fields = json!({ "commit": { "sha": sha, "parents": parents, "message": message } });
    Ok((shown.collect(), fill(made, fields)))
}

/// Applies one change. Returns the refusal's status and message.
fn apply(files: &mut Files, change: &Value) -> Result<(), (u16, String)> {
    let text = |name: &str| change.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (path, content) = (text("path"), STANDARD.decode(text("content")).unwrap_or_default());
    match (text("operation").as_str(), files.get(&path)) {
        ("create", Some(_)) => Err((422, format!("repository file already exists [path: {path}]"))),
        ("update", None) => Err((404, format!("repository file does not exist [path: {path}]"))),
        ("update", Some(node)) if blob(node) != text("sha") => {
            let (given, expected) = (text("sha"), blob(node));
            Err((422, format!("sha does not match [given: {given}, expected: {expected}]")))
        }
        ("create" | "update", _) => {
            files.insert(path, Node::File(content));
            Ok(())
        }
        _ => Err((422, "operation is not known".to_owned())),
    }
}
