//! Rules for protected branches.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Gitea;
use crate::forge::{
    ForgeError, Protection, ProtectionChange, ProtectionWrite, RepositoryName, RequiredContext, Version,
    body::or_default,
    capabilities::Capability,
    client::{Answer, Request},
    context::{escape, unescape},
    error::ErrorKind,
    path::Path,
    protection::{difference, quoted},
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
            return Err(rules.error(ErrorKind::Missing, message));
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

    /// A new rule forbids direct pushes, which is what a rule does unless it says otherwise.
    pub(in crate::forge) async fn change_protection(
        &self,
        version: &Version,
        repository: &RepositoryName,
        branch: &str,
        seen: Option<&Protection>,
        change: &ProtectionChange,
    ) -> Result<ProtectionWrite, ForgeError> {
        let before = self.protection(version, repository, branch).await?;
        let request = write(repository, branch, before.as_ref(), change);
        let fail = |kind, message: String| {
            self.client.call(&request).map_or_else(|error| error, |call| ForgeError::new(call, kind, message))
        };
        if let Some(difference) = difference(seen, before.as_ref()) {
            return Err(fail(ErrorKind::Changed, format!("nothing was written: {difference}")));
        }
        if let Some(before) = &before {
            if before.is_as(change) {
                return Ok(ProtectionWrite {
                    after: before.clone(),
                    before: Some(before.clone()),
                    written: false,
                });
            }
            if !before.only_this_branch && !change.other_branches_too {
                let message = format!("the rule `{}` protects other branches too", before.rule);
                return Err(fail(ErrorKind::Unsupported, message));
            }
        }
        match self.client.send(&request).await {
            // 403 is also what Gitea says of a rule that exists
            Err(error) if before.is_none() && error.message.contains(EXISTS) => {
                let message = "nothing was written: somebody else protected the branch meanwhile";
                return Err(fail(ErrorKind::Changed, message.to_owned()));
            }
            sent => sent?,
        };
        let after = self.protection(version, repository, branch).await?;
        let Some(after) = after.filter(|after| after.is_as(change)) else {
            let message = "it was written, but what was read back is not what was written";
            return Err(fail(ErrorKind::Changed, message.to_owned()));
        };
        let others = before.as_ref().map(|before| before.changed_fields(&after, WRITTEN)).unwrap_or_default();
        if !others.is_empty() {
            let message = format!("it was written, but somebody else changed {} meanwhile", quoted(&others));
            return Err(fail(ErrorKind::Changed, message));
        }
        Ok(ProtectionWrite { before, after, written: true })
    }
}

/// What Gitea says of a rule that exists.
const EXISTS: &str = "protection already exist";

/// The fields that a change of the required contexts changes.
const WRITTEN: &[&str] = &["enable_status_check", "status_check_contexts", "updated_at"];

/// Returns the request that makes a change. Fields that it does not name stay as they are.
fn write(
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
        rules.error(ErrorKind::Unsupported, message)
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
