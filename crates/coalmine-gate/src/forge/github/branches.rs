//! Branches, with what any reader sees of their protection.

use serde::Deserialize;

use super::{GitHub, PAGE};
use crate::forge::{
    Branch, ErrorKind, ForgeError, RepositoryName, RequiredContext,
    body::{exists, or_default},
    client::Request,
    path::Path,
};

#[derive(Debug, Deserialize)]
struct CommitBody {
    sha: String,
}

/// One required check; `app_id` -1 means any app.
#[derive(Debug, Deserialize)]
pub(super) struct CheckBody {
    context: String,
    #[serde(default, alias = "integration_id")]
    app_id: Option<i64>,
}

impl From<CheckBody> for RequiredContext {
    fn from(body: CheckBody) -> Self {
        Self::name(body.context, body.app_id.and_then(|id| u64::try_from(id).ok()))
    }
}

#[derive(Debug, Default, Deserialize)]
struct RequiredChecksBody {
    #[serde(default, deserialize_with = "or_default")]
    enforcement_level: String,
    #[serde(default, deserialize_with = "or_default")]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Option<Vec<CheckBody>>,
}

#[derive(Debug, Default, Deserialize)]
struct ProtectionBody {
    #[serde(default)]
    required_status_checks: Option<RequiredChecksBody>,
}

#[derive(Debug, Deserialize)]
struct BranchBody {
    name: String,
    commit: CommitBody,
    #[serde(default)]
    protected: bool,
    #[serde(default)]
    protection: Option<ProtectionBody>,
}

#[derive(Debug, Default, Deserialize)]
struct ParametersBody {
    #[serde(default)]
    required_status_checks: Option<Vec<CheckBody>>,
}

#[derive(Debug, Deserialize)]
struct RuleBody {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Option<ParametersBody>,
}

impl GitHub {
    pub(in crate::forge) async fn branch(
        &self,
        repository: &RepositoryName,
        name: &str,
    ) -> Result<Option<Branch>, ForgeError> {
        let request = Request::get(Path::repository(repository).then("branches").then(name));
        let body: BranchBody = match self.client.read(&request).await {
            Ok(body) => body,
            Err(error) if error.is_missing() => return exists(&self.client, repository).await.map(|()| None),
            Err(error) => return Err(error),
        };
        let checks = body.protection.and_then(|protection| protection.required_status_checks);
        let is_on = checks.as_ref().is_some_and(|checks| checks.enforcement_level != "off");
        let mut contexts = checks.map(contexts).unwrap_or_default();
        let by_rules = self.ruleset_contexts(repository, name).await?;
        let enforced = (is_on && !contexts.is_empty()) || !by_rules.is_empty();
        if !is_on && !by_rules.is_empty() {
            // entries that are not enforced mean nothing beside those that are
            contexts.clear();
        }
        contexts.extend(by_rules);
        contexts.sort();
        contexts.dedup();
        Ok(Some(Branch {
            name: body.name,
            head: body.commit.sha,
            protected: body.protected,
            enforced,
            contexts,
        }))
    }

    /// Returns what the rulesets in force require of a branch.
    async fn ruleset_contexts(
        &self,
        repository: &RepositoryName,
        branch: &str,
    ) -> Result<Vec<RequiredContext>, ForgeError> {
        let path = Path::repository(repository).then("rules").then("branches").then(branch);
        let request = Request::get(path).query("per_page", PAGE);
        let answer = match self.client.send(&request).await {
            Ok(answer) if answer.next => {
                return Err(answer.error(ErrorKind::TooLarge, format!("more than {PAGE} rules are in force")));
            }
            Ok(answer) => answer,
            // an Enterprise Server from before rulesets has no such route
            Err(error) if error.is_missing() => return Ok(vec![]),
            Err(error) => return Err(error),
        };
        let rules: Vec<RuleBody> = answer.json()?;
        Ok(rules
            .into_iter()
            .filter(|rule| rule.kind == "required_status_checks")
            .filter_map(|rule| rule.parameters?.required_status_checks)
            .flatten()
            .map(RequiredContext::from)
            .collect())
    }
}

fn contexts(checks: RequiredChecksBody) -> Vec<RequiredContext> {
    match checks.checks {
        Some(checks) => checks.into_iter().map(RequiredContext::from).collect(),
        None => checks.contexts.into_iter().map(|name| RequiredContext::name(name, None)).collect(),
    }
}
