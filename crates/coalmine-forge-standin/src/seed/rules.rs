//! Protections of branches.

use serde_json::{Value, json};

use super::StandIn;
use crate::{gitea::template, model::Kind};

impl StandIn {
    /// Protects a branch and requires contexts there. On Gitea, the branch may be a pattern, and the contexts are
    /// patterns.
    #[must_use]
    pub fn protected(self, branch: &str, contexts: &[&str]) -> Self {
        self.rule(branch, contexts, true)
    }

    /// Protects a branch with contexts that do not count.
    #[must_use]
    pub fn protected_but_off(self, branch: &str, contexts: &[&str]) -> Self {
        self.rule(branch, contexts, false)
    }

    fn rule(mut self, branch: &str, contexts: &[&str], enforced: bool) -> Self {
        let rule = match self.model.kind {
            Kind::Gitea => {
                let mut rule = template(&self.model, "rule");
                rule["rule_name"] = branch.into();
                rule["enable_status_check"] = enforced.into();
                rule["status_check_contexts"] = contexts.into();
                rule
            }
            Kind::GitHub => {
                let checks: Vec<_> =
                    contexts.iter().map(|name| json!({ "context": name, "app_id": null })).collect();
                let required = json!({ "strict": true, "contexts": contexts, "checks": checks });
                json!({
                    "branch": branch,
                    "required_status_checks": if enforced { required } else { Value::Null },
                    "enforce_admins": { "enabled": false },
                    "required_linear_history": { "enabled": true },
                })
            }
        };
        self.on(|repository| repository.rules.push(rule));
        self
    }

    /// Sets a field of the last rule.
    #[must_use]
    pub fn rule_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.on(|repository| repository.rules.last_mut().expect("a rule")[name] = value.into());
        self
    }

    /// Requires contexts of a branch by one of GitHub's rulesets.
    #[must_use]
    pub fn ruleset(mut self, branch: &str, contexts: &[&str]) -> Self {
        let checks: Vec<_> = contexts.iter().map(|name| json!({ "context": name })).collect();
        let rule = json!({
            "branch": branch,
            "type": "required_status_checks",
            "ruleset_id": 1,
            "parameters": { "strict_required_status_checks_policy": false, "required_status_checks": checks },
        });
        self.on(|repository| repository.rulesets.push(rule));
        self
    }
}
