//! Rules for protected branches. Only a repository admin may even read them.

use axum::http::Method;
use serde_json::{Map, Value};

use super::{Context, on, template::template};
use crate::{
    fault::Fault,
    http::{Reply, Request, missing, refusal},
    model::{Model, Permission, Repository},
};

pub(super) fn route(model: &mut Model, request: &Request, context: &Context, rest: &[&str]) -> Reply {
    if context.login.is_none() {
        return refusal(request, 401, "token is required");
    }
    if context.permission < Permission::Admin {
        let message = "user should be an owner or a collaborator with admin write of a repository";
        return refusal(request, 403, message);
    }
    match (&request.method, rest) {
        (&Method::GET, []) => Reply::json(200, &Value::Array(on(model, context).rules.clone())),
        (&Method::POST, []) => create(model, request, context),
        (&Method::GET, [name]) => read(model, request, context, name),
        (&Method::PATCH, [name]) => edit(model, request, context, name),
        (&Method::DELETE, [name]) => delete(model, request, context, name),
        _ => Reply::no_route(),
    }
}

/// Returns the rule that applies to a branch: the one of its name, else the first pattern that matches.
pub(super) fn effective<'a>(repository: &'a Repository, branch: &str) -> Option<&'a Value> {
    let name = |rule: &Value| rule["rule_name"].as_str().unwrap_or_default().to_owned();
    let by_name = repository.rules.iter().find(|rule| name(rule) == branch);
    by_name.or_else(|| repository.rules.iter().find(|rule| matches(&name(rule), branch)))
}

/// Matches a pattern whose only signs are `*`, which stops at a slash, and the backslash.
fn matches(pattern: &str, text: &str) -> bool {
    let mut signs = pattern.chars();
    match signs.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = signs.as_str();
            let ends = text.char_indices().map(|(end, _)| end).chain([text.len()]);
            ends.take_while(|end| !text[..*end].contains('/')).any(|end| matches(rest, &text[end..]))
        }
        Some(sign) => {
            let sign = if sign == '\\' { signs.next().unwrap_or(sign) } else { sign };
            text.strip_prefix(sign).is_some_and(|text| matches(signs.as_str(), text))
        }
    }
}

fn create(model: &mut Model, request: &Request, context: &Context) -> Reply {
    let mut rule = template(model, "rule");
    let (name, now) = (request.text("rule_name"), model.tick());
    let somebody = model.faults.iter().any(|(fault, _)| *fault == Fault::ProtectionAppears);
    let repository = on(model, context);
    if somebody || repository.rules.iter().any(|rule| rule["rule_name"] == name.as_str()) {
        return refusal(request, 403, "Branch protection already exist");
    }
    let defaults = [("enable_status_check", false.into()), ("status_check_contexts", Value::Array(vec![]))];
    for (field, default) in defaults {
        rule[field] = default;
    }
    apply(&mut rule, &request.body);
    let is_plain = repository.branches.contains_key(&name);
    rule["branch_name"] = if is_plain { name.as_str().into() } else { "".into() };
    rule["created_at"] = now.to_string().into();
    rule["updated_at"] = now.to_string().into();
    repository.rules.push(rule.clone());
    Reply::json(201, &rule)
}

fn read(model: &mut Model, request: &Request, context: &Context, name: &str) -> Reply {
    let Some(rule) = find(model, context, name).cloned() else { return missing(request) };
    model.protection_reads += 1;
    let (reads, now) = (model.protection_reads, model.tick());
    let somebody = Fault::ProtectionChanges { after_reads: reads };
    if model.faults.iter().any(|(fault, _)| *fault == somebody)
        && let Some(rule) = find(model, context, name)
    {
        rule["required_approvals"] = (rule["required_approvals"].as_u64().unwrap_or_default() + 1).into();
        rule["updated_at"] = now.to_string().into();
    }
    Reply::json(200, &rule)
}

fn edit(model: &mut Model, request: &Request, context: &Context, name: &str) -> Reply {
    let now = model.tick();
    let Some(rule) = find(model, context, name) else { return missing(request) };
    apply(rule, &request.body);
    rule["updated_at"] = now.to_string().into();
    Reply::json(200, rule)
}

fn delete(model: &mut Model, request: &Request, context: &Context, name: &str) -> Reply {
    let rules = &mut on(model, context).rules;
    let before = rules.len();
    rules.retain(|rule| rule["rule_name"] != name);
    if rules.len() == before { missing(request) } else { Reply::empty(204) }
}

fn find<'a>(model: &'a mut Model, context: &Context, name: &str) -> Option<&'a mut Value> {
    on(model, context).rules.iter_mut().find(|rule| rule["rule_name"] == name)
}

/// Replaces the fields that a request names and that a rule of this version has.
fn apply(rule: &mut Value, change: &Value) {
    let nothing = Map::new();
    for (name, value) in change.as_object().unwrap_or(&nothing) {
        if !value.is_null() && rule.get(name).is_some() {
            rule[name.as_str()] = value.clone();
        }
    }
}
