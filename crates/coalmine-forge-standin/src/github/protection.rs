//! Protections of branches. A user who is not an admin does not see whether there is one.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Context, missing, on, refusal};
use crate::{
    fault::Fault,
    http::{Reply, Request},
    model::{Model, Permission, Repository},
};

pub(super) fn route(
    model: &mut Model,
    request: &Request,
    context: &Context,
    branch: &str,
    part: &[&str],
) -> Reply {
    if context.permission < Permission::Admin {
        return missing();
    }
    if !on(model, context).branches.contains_key(branch) {
        return refusal(404, "Branch not found");
    }
    match (&request.method, part) {
        (&Method::GET, []) => read(model, context, branch),
        (&Method::PUT, []) => replace(model, request, context, branch),
        (&Method::PATCH, ["required_status_checks"]) => edit(model, request, context, branch),
        (&Method::DELETE, ["required_status_checks"]) => switch_off(model, context, branch),
        _ => missing(),
    }
}

/// Returns the protection of a branch.
pub(super) fn of<'a>(repository: &'a Repository, branch: &str) -> Option<&'a Value> {
    repository.rules.iter().find(|rule| rule["branch"] == branch)
}

fn find<'a>(model: &'a mut Model, context: &Context, branch: &str) -> Option<&'a mut Value> {
    on(model, context).rules.iter_mut().find(|rule| rule["branch"] == branch)
}

fn read(model: &mut Model, context: &Context, branch: &str) -> Reply {
    let Some(rule) = find(model, context, branch).cloned() else {
        return refusal(404, "Branch not protected");
    };
    model.protection_reads += 1;
    let after_reads = model.protection_reads;
    let happens = |somebody: Fault| model.faults.iter().any(|(fault, _)| *fault == somebody);
    let reviews = happens(Fault::ProtectionChanges { after_reads });
    let strict = happens(Fault::StrictChanges { after_reads });
    if let Some(rule) = find(model, context, branch) {
        if reviews {
            rule["required_pull_request_reviews"] = json!({ "required_approving_review_count": 1 });
        }
        if strict {
            rule["required_status_checks"]["strict"] = json!(false);
        }
    }
    Reply::json(200, &shown(&rule))
}

/// Returns a protection as it is shown: without fields that are off.
fn shown(rule: &Value) -> Value {
    let mut rule = rule.clone();
    if let Some(fields) = rule.as_object_mut() {
        fields.retain(|name, value| name != "branch" && !value.is_null());
    }
    rule
}

fn replace(model: &mut Model, request: &Request, context: &Context, branch: &str) -> Reply {
    let needed =
        ["required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"];
    if needed.iter().any(|name| request.body.get(name).is_none()) {
        return refusal(422, "Invalid request.");
    }
    let admins = request.body["enforce_admins"] == true;
    let mut rule = json!({
        "branch": branch,
        "enforce_admins": { "enabled": admins },
        "required_status_checks": null,
        "required_pull_request_reviews": request.body["required_pull_request_reviews"],
        "restrictions": request.body["restrictions"],
    });
    if let Some(checks) = request.body["required_status_checks"]["checks"].as_array() {
        rule["required_status_checks"] = required(checks, &request.body["required_status_checks"]["strict"]);
    }
    on(model, context).rules.retain(|rule| rule["branch"] != branch);
    on(model, context).rules.push(rule.clone());
    Reply::json(200, &shown(&rule))
}

fn edit(model: &mut Model, request: &Request, context: &Context, branch: &str) -> Reply {
    let Some(rule) = find(model, context, branch).filter(|rule| !rule["required_status_checks"].is_null())
    else {
        return refusal(404, "Required status checks not enabled");
    };
    let before = &rule["required_status_checks"];
    let strict = request.body.get("strict").unwrap_or(&before["strict"]).clone();
    let checks = request.body.get("checks").unwrap_or(&before["checks"]).as_array().cloned();
    rule["required_status_checks"] = required(&checks.unwrap_or_default(), &strict);
    Reply::json(200, &rule["required_status_checks"])
}

/// Returns required checks as they are stored: an app of -1 is any app, which is `null`.
fn required(checks: &[Value], strict: &Value) -> Value {
    let names: Vec<_> = checks.iter().map(|check| check["context"].clone()).collect();
    let app = |check: &Value| if check["app_id"] == -1 { Value::Null } else { check["app_id"].clone() };
    let checks: Vec<_> =
        checks.iter().map(|check| json!({ "context": check["context"], "app_id": app(check) })).collect();
    json!({ "strict": strict, "contexts": names, "checks": checks })
}

fn switch_off(model: &mut Model, context: &Context, branch: &str) -> Reply {
    match find(model, context, branch) {
        Some(rule) if !rule["required_status_checks"].is_null() => {
            rule["required_status_checks"] = Value::Null;
            Reply::empty(204)
        }
        _ => refusal(404, "Required status checks not enabled"),
    }
}
