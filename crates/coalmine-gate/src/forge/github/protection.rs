//! The protection of a branch. Rulesets are read with the branch, and not changed.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{GitHub, branches::CheckBody};
use crate::forge::{
    ErrorKind, ForgeError, Protection, ProtectionChange, ProtectionWrite, RepositoryName, RequiredContext,
    Version,
    client::Request,
    path::Path,
    protection::{difference, quoted},
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

    /// A branch without protection gets one with nothing but the checks. Where there is a protection without
    /// required checks, a whole new one would have to be written, so that is left to people.
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
            if !before.enforced {
                let message = "the protection requires no checks yet: switch that on first".to_owned();
                return Err(fail(ErrorKind::Unsupported, message));
            }
        }
        self.client.send(&request).await?;
        let after = self.protection(version, repository, branch).await?;
        let Some(after) = after.filter(|after| after.is_as(change)) else {
            let message = "it was written, but what was read back is not what was written";
            return Err(fail(ErrorKind::Changed, message.to_owned()));
        };
        let others = before.as_ref().map(|before| before.changed_fields(&after, &["required_status_checks"]));
        match others.filter(|others| !others.is_empty()) {
            Some(others) => {
                let message =
                    format!("it was written, but somebody else changed {} meanwhile", quoted(&others));
                Err(fail(ErrorKind::Changed, message))
            }
            None => Ok(ProtectionWrite { before, after, written: true }),
        }
    }
}

fn path(repository: &RepositoryName, branch: &str) -> Path {
    Path::repository(repository).then("branches").then(branch).then("protection")
}

/// Returns the request that makes a change. `strict` is not named, so it stays as it is.
fn write(
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
