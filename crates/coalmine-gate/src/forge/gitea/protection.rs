//! Rules for protected branches.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Gitea;
use crate::forge::{
    ForgeError, Protection, ProtectionChange, RepositoryName, RequiredContext, Version,
    body::or_default,
    capabilities::Capability,
    client::{Answer, Request},
    context::{escape, unescape},
    error::ErrorKind,
    path::Path,
};

#[derive(Debug, Deserialize)]
struct RuleBody {
    rule_name: String,
    #[serde(default)]
    enable_status_check: bool,
    #[serde(default, deserialize_with = "or_default")]
    status_check_contexts: Vec<String>,
    #[serde(default)]
    block_admin_merge_override: bool,
}

impl Gitea {
    pub(in crate::forge) async fn protection(
        &self,
        version: &Version,
        repository: &RepositoryName,
        branch: &str,
    ) -> Result<Option<Protection>, ForgeError> {
        // also for a branch without protection, so that a token without the permission gets an error, not `None`
        let rules = self.client.send(&Request::get(rules(repository))).await?;
        let Some(body) = self.branch_body(repository, branch).await? else {
            let message = format!("there is no branch `{branch}`");
            return Err(ForgeError::new(rules.call, ErrorKind::Missing, message));
        };
        if !body.protected {
            return Ok(None);
        }
        let name = match body.effective_branch_protection_name {
            name if !name.is_empty() => name,
            _ => exact_rule(&rules, branch)?,
        };
        let answer = self.client.send(&Request::get(rules_path(repository, &name))).await?;
        read(&answer, version, branch).map(Some)
    }
}

/// Returns the request that makes a change. Fields that it does not name stay as they are. A new rule forbids
/// direct pushes, which is what a rule does unless it says otherwise.
pub(in crate::forge) fn write(
    repository: &RepositoryName,
    branch: &str,
    before: Option<&Protection>,
    change: &ProtectionChange,
) -> Request {
    let contexts: Vec<_> = change.contexts.iter().map(RequiredContext::written).collect();
    let mut body = json!({ "enable_status_check": change.enforced, "status_check_contexts": contexts });
    match before {
        Some(before) => Request::write(Method::PATCH, rules_path(repository, &before.rule), Some(body)),
        None => {
            body["rule_name"] = escape(branch).into();
            Request::write(Method::POST, rules(repository), Some(body))
        }
    }
}

/// Returns the path of the list of rules.
fn rules(repository: &RepositoryName) -> Path {
    Path::repository(repository).then("branch_protections")
}

/// Returns the path of one rule, whose name can be a glob with slashes.
fn rules_path(repository: &RepositoryName, name: &str) -> Path {
    rules(repository).then(name)
}

/// Finds the rule that means one branch alone, for servers that do not say which rule applies.
fn exact_rule(rules: &Answer, branch: &str) -> Result<String, ForgeError> {
    let names: Vec<RuleBody> = rules.json()?;
    let name = names.into_iter().map(|rule| rule.rule_name).find(|name| is_only(name, branch));
    name.ok_or_else(|| {
        let message = "a rule with a pattern protects the branch, and the forge does not say which";
        ForgeError::new(rules.call.clone(), ErrorKind::Unsupported, message)
    })
}

/// Returns whether a rule's name means this branch only.
fn is_only(rule: &str, branch: &str) -> bool {
    rule == branch || unescape(rule).as_deref() == Some(branch)
}

fn read(answer: &Answer, version: &Version, branch: &str) -> Result<Protection, ForgeError> {
    let raw: Value = answer.json()?;
    let rule: RuleBody = answer.json()?;
    Ok(Protection {
        only_this_branch: is_only(&rule.rule_name, branch),
        rule: rule.rule_name,
        enforced: rule.enable_status_check,
        contexts: rule.status_check_contexts.into_iter().map(RequiredContext::glob).collect(),
        admins_bypass: !(version.capabilities().can(Capability::BindsAdmins)
            && rule.block_admin_merge_override),
        raw,
    })
}
