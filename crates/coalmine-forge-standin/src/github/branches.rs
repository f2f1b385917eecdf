//! Repositories, branches, and the rules in force.

use serde_json::{Value, json};

use super::{Context, list, missing, on, protection};
use crate::{
    http::{Reply, Request},
    model::{Model, Permission},
};

pub(super) fn repository(model: &mut Model, context: &Context) -> Reply {
    let at_least = |permission| context.permission >= permission;
    let permissions = json!({
        "admin": at_least(Permission::Admin),
        "push": at_least(Permission::Write),
        "pull": true,
    });
    let repository = on(model, context);
    let mut body = json!({
        "id": repository.id,
        "name": repository.name(),
        "full_name": repository.full_name,
        "owner": { "login": repository.owner() },
        "private": repository.private,
        "archived": repository.archived,
        "default_branch": repository.default_branch,
    });
    if context.login.is_some() {
        body["permissions"] = permissions;
    }
    Reply::json(200, &body)
}

pub(super) fn branch(model: &mut Model, context: &Context, name: &str) -> Reply {
    let repository = on(model, context);
    let Some(sha) = repository.branches.get(name) else { return missing() };
    let rule = protection::of(repository, name);
    let checks = rule.map(|rule| rule["required_status_checks"].clone()).filter(|checks| !checks.is_null());
    let shown = match checks {
        Some(checks) => json!({
            "enforcement_level": "non_admins",
            "contexts": checks["contexts"],
            "checks": checks["checks"],
        }),
        None => json!({ "enforcement_level": "off", "contexts": [], "checks": [] }),
    };
    let protection = json!({ "enabled": rule.is_some(), "required_status_checks": shown });
    Reply::json(
        200,
        &json!({
            "name": name,
            "commit": { "sha": sha },
            "protected": rule.is_some(),
            "protection": protection,
        }),
    )
}

pub(super) fn rules(model: &mut Model, request: &Request, context: &Context, branch: &str) -> Reply {
    let rules = on(model, context).rulesets.iter().filter(|rule| rule["branch"] == branch);
    let mut shown: Vec<Value> = rules.cloned().collect();
    for rule in shown.iter_mut().filter_map(Value::as_object_mut) {
        rule.remove("branch");
    }
    list(request, shown)
}
