//! Files, and the objects of git from which a commit is made.

use std::collections::BTreeMap;

use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Context, missing, on, refusal};
use crate::{
    http::{Reply, Request},
    model::{Model, Node, Repository, blob, digest},
};

type Files = BTreeMap<String, Node>;

pub(super) fn contents(model: &mut Model, request: &Request, context: &Context, path: &str) -> Reply {
    let repository = on(model, context);
    let reference = request.parameter("ref").unwrap_or(&repository.default_branch);
    let Some(commit) = repository.commit(reference) else {
        return refusal(404, &format!("No commit found for the ref {reference}"));
    };
    match commit.files.get(path) {
        Some(Node::File(content)) => {
            // GitHub's base64 has line ends
            let lines = STANDARD.encode(content);
            let lines: Vec<_> = lines.as_bytes().chunks(60).map(String::from_utf8_lossy).collect();
            let mut file = entry(path, "file", &blob(&Node::File(content.clone())), content.len());
            file["encoding"] = "base64".into();
            file["content"] = format!("{}\n", lines.join("\n")).into();
            Reply::json(200, &file)
        }
        Some(node @ Node::Symlink(target)) => {
            let mut link = entry(path, "symlink", &blob(node), target.len());
            link["target"] = target.as_str().into();
            Reply::json(200, &link)
        }
        None => folder(&commit.files, path),
    }
}

fn folder(files: &Files, path: &str) -> Reply {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let mut entries = BTreeMap::new();
    for (name, node) in files.iter().filter_map(|(name, node)| Some((name.strip_prefix(&prefix)?, node))) {
        let (name, shown) = match (name.split_once('/'), node) {
            (Some((folder, _)), _) => (folder, entry(folder, "dir", &digest(folder), 0)),
            (None, Node::File(content)) => (name, entry(name, "file", &blob(node), content.len())),
            (None, Node::Symlink(target)) => (name, entry(name, "symlink", &blob(node), target.len())),
        };
        entries.insert(name.to_owned(), shown);
    }
    if entries.is_empty() && !path.is_empty() {
        return missing();
    }
    Reply::json(200, &Value::Array(entries.into_values().collect()))
}

fn entry(path: &str, kind: &str, sha: &str, size: usize) -> Value {
    let name = path.rsplit('/').next().unwrap_or_default();
    json!({ "type": kind, "name": name, "path": path, "sha": sha, "size": size })
}

pub(super) fn route(
    model: &mut Model,
    request: &Request,
    context: &Context,
    kind: &str,
    rest: &str,
) -> Reply {
    let branch = rest.strip_prefix("heads/").unwrap_or_default();
    match (&request.method, kind) {
        (&Method::GET, "ref") => match on(model, context).branches.get(branch) {
            Some(sha) => Reply::json(200, &reference(branch, sha)),
            None => missing(),
        },
        (&Method::GET, "commits") => match on(model, context).commit(rest) {
            Some(commit) => {
                Reply::json(200, &json!({ "sha": commit.sha, "tree": { "sha": tree_of(&commit.sha) } }))
            }
            None => missing(),
        },
        (&Method::POST, "trees") => make_tree(model, request, context),
        (&Method::POST, "commits") => make_commit(model, request, context),
        (&Method::POST, "refs") => make_branch(model, request, context),
        (&Method::DELETE, "refs") => match on(model, context).branches.remove(branch) {
            Some(_) => Reply::empty(204),
            None => refusal(422, "Reference does not exist"),
        },
        _ => missing(),
    }
}

fn reference(branch: &str, sha: &str) -> Value {
    json!({ "ref": format!("refs/heads/{branch}"), "object": { "type": "commit", "sha": sha } })
}

/// Returns the id of a commit's tree.
fn tree_of(commit: &str) -> String {
    digest(&format!("tree {commit}"))
}

/// Returns the files of a tree, be it a commit's or one that no commit has yet.
fn files(repository: &Repository, tree: &str) -> Option<Files> {
    let commit = repository.commits.iter().find(|commit| tree_of(&commit.sha) == tree);
    commit.map(|commit| commit.files.clone()).or_else(|| repository.trees.get(tree).cloned())
}

fn make_tree(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let id = model.next_id();
    let repository = on(model, context);
    let Some(mut files) = files(repository, &request.text("base_tree")) else {
        return refusal(422, "base_tree is not a valid oid");
    };
    for entry in request.body["tree"].as_array().into_iter().flatten() {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        files.insert(text("path"), Node::File(text("content").into_bytes()));
    }
    let sha = digest(&format!("new tree {id}"));
    repository.trees.insert(sha.clone(), files);
    Reply::json(201, &json!({ "sha": sha }))
}

fn make_commit(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let Some(files) = files(on(model, context), &request.text("tree")) else {
        return refusal(422, "Tree SHA does not exist");
    };
    let parents = request.body["parents"].as_array().into_iter().flatten();
    let parents = parents.filter_map(|sha| Some(sha.as_str()?.to_owned())).collect();
    let login = context.login.clone().unwrap_or_default();
    let sha = model.commit(&context.full_name, parents, &request.text("message"), &login, files);
    Reply::json(201, &json!({ "sha": sha }))
}

fn make_branch(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let (name, sha) = (request.text("ref"), request.text("sha"));
    let Some(branch) = name.strip_prefix("refs/heads/") else {
        return refusal(422, "Reference name must start with 'refs/'");
    };
    let repository = on(model, context);
    if repository.branches.contains_key(branch) {
        return refusal(422, "Reference already exists");
    }
    if repository.commit(&sha).is_none() {
        return refusal(422, "Object does not exist");
    }
    repository.branches.insert(branch.to_owned(), sha.clone());
    Reply::json(201, &reference(branch, &sha))
}
