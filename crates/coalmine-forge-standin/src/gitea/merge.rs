//! Merges, which people do: so that tests can see what a protection blocks.

use super::{Context, needs_write, on, protection, pulls::find_number};
use crate::{
    http::{Reply, Request, missing, refusal},
    model::{Model, Permission},
};

/// Merges a pull request, once the background job has looked for conflicts and if nothing blocks it.
pub(super) fn merge(model: &mut Model, request: &Request, context: &Context, number: &str) -> Reply {
    if let Some(reply) = needs_write(request, context) {
        return reply;
    }
    let Some(pull) = find_number(model, context, number) else { return missing(request) };
    if !pull.open {
        return refusal(request, 405, "The PR is already closed");
    }
    if std::mem::take(&mut pull.unchecked) {
        return refusal(request, 405, "Please try again later");
    }
    let pull = pull.clone();
    if blocked(model, context, &pull.base_ref, &pull.head) && !may_override(model, context, &pull.base_ref) {
        let message = "not allowed to merge [reason: Not all required status checks successful]";
        return refusal(request, 405, message);
    }
    let repository = on(model, context);
    let base = repository.branches.get(&pull.base_ref).cloned().unwrap_or_default();
    let files = repository.commit(&pull.head).map(|commit| commit.files.clone()).unwrap_or_default();
    let title = &pull.title;
    let message =
        format!("Merge pull request '{title}' (#{number}) from {} into {}", pull.head_ref, pull.base_ref);
    let login = context.login.clone().unwrap_or_default();
    let sha = model.commit(&context.full_name, vec![base, pull.head.clone()], &message, &login, files);
    let now = model.tick();
    on(model, context).advance(&pull.base_ref, &sha);
    if let Some(pull) = find_number(model, context, number) {
        pull.open = false;
        pull.merged = Some(now);
        pull.closed = Some(now);
        pull.updated = now;
    }
    Reply::empty(200)
}

/// Returns whether a required context is not green. Entries count as names here, without their backslashes.
fn blocked(model: &mut Model, context: &Context, branch: &str, head: &str) -> bool {
    let repository = on(model, context);
    let Some(rule) = protection::effective(repository, branch) else { return false };
    let required = rule["status_check_contexts"].as_array().into_iter().flatten();
    let newest = |name: &str| {
        repository.statuses.iter().rev().find(|status| status.sha == head && status.context == name)
    };
    let mut names = required.filter_map(|name| Some(name.as_str()?.replace('\\', "")));
    rule["enable_status_check"] == true
        && names.any(|name| newest(&name).is_none_or(|status| status.state != "success"))
}

/// Returns whether the token is an admin's whom no rule binds, which is only possible from 1.23.
fn may_override(model: &mut Model, context: &Context, branch: &str) -> bool {
    let rule = protection::effective(on(model, context), branch);
    let binds = rule.is_some_and(|rule| rule.get("block_admin_merge_override").is_some_and(|on| *on == true));
    context.permission == Permission::Admin && !binds
}
