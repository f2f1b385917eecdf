//! The protection of a branch. Rulesets are read with the branch, and not changed.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{GitHub, branches::CheckBody};
use crate::forge::{
    ForgeError, Protection, ProtectionChange, RepositoryName, RequiredContext, Version, client::Request,
    path::Path,
};

#[derive(Debug, Deserialize)]
struct ChecksBody {
    #[serde(default)]
    contexts: Option<Vec<String>>,
    #[serde(default)]
    checks: Option<Vec<CheckBody>>,
}

#[derive(Debug, Deserialize)]
struct SwitchBody {
    enabled: bool,
}

#[derive(Debug, Deserialize)]
struct ProtectionBody {
    #[serde(default)]
    required_status_checks: Option<ChecksBody>,
    #[serde(default)]
    enforce_admins: Option<SwitchBody>,
}

/// What GitHub says with 404 about a branch without protection. It says something else to a token that may not
/// know.
const NOT_PROTECTED: &str = "Branch not protected";

impl GitHub {
    pub(in crate::forge) async fn protection(
        &self,
        _version: &Version,
        repository: &RepositoryName,
        branch: &str,
    ) -> Result<Option<Protection>, ForgeError> {
        let answer = match self.client.send(&Request::get(path(repository, branch))).await {
            Ok(answer) => answer,
            Err(error) if error.is_missing() && error.message.starts_with(NOT_PROTECTED) => return Ok(None),
            Err(error) => return Err(error),
        };
        let raw: Value = answer.json()?;
        let body: ProtectionBody = answer.json()?;
        let contexts = match body.required_status_checks {
            None => vec![],
            Some(ChecksBody { checks: Some(checks), .. }) => {
                checks.into_iter().map(RequiredContext::from).collect()
            }
            Some(ChecksBody { contexts, .. }) => {
                let names = contexts.unwrap_or_default().into_iter();
                names.map(|name| RequiredContext::name(name, None)).collect::<Vec<_>>()
            }
        };
        Ok(Some(Protection {
            rule: branch.to_owned(),
            only_this_branch: true,
            enforced: raw.get("required_status_checks").is_some_and(|checks| !checks.is_null()),
            contexts,
            admins_bypass: !body.enforce_admins.is_some_and(|switch| switch.enabled),
            raw,
        }))
    }
}

fn path(repository: &RepositoryName, branch: &str) -> Path {
    Path::repository(repository).then("branches").then(branch).then("protection")
}

/// Returns the request that makes a change. `strict` is not named, so it stays as it is. A branch without protection
/// gets one with nothing but the checks.
pub(in crate::forge) fn write(
    repository: &RepositoryName,
    branch: &str,
    before: Option<&Protection>,
    change: &ProtectionChange,
) -> Request {
    let path = path(repository, branch);
    let checks: Vec<_> = change.contexts.iter().map(check).collect();
    match before {
        None => {
            let body = json!({
                "required_status_checks": { "strict": false, "checks": checks },
                "enforce_admins": null,
                "required_pull_request_reviews": null,
                "restrictions": null,
            });
            Request::write(Method::PUT, path, Some(body))
        }
        Some(_) if change.enforced => Request::write(
            Method::PATCH,
            path.then("required_status_checks"),
            Some(json!({ "checks": checks })),
        ),
        Some(_) => Request::write(Method::DELETE, path.then("required_status_checks"), None),
    }
}

/// Returns one required check. Without an app, GitHub would name the one that posted the context last; -1 is any.
fn check(context: &RequiredContext) -> Value {
    match context.app() {
        Some(app) => json!({ "context": context.written(), "app_id": app }),
        None => json!({ "context": context.written(), "app_id": -1 }),
    }
}
