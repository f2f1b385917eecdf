//! GW017: secrets in addresses, and code of strangers that runs with secrets.

use std::sync::LazyLock;

use regex::Regex;

use super::Rule;
use crate::lint::{
    Severity,
    action::Action,
    rule::{Applies, Check, Evidence},
    scope::FileScope,
    script,
    workflow::Step,
    yaml::{Node, Span},
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW017",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Policy,
    sentence: "a secret stands in an address, or code of a pull request runs with the secrets of the repository",
    page: include_str!("../../../../../docs/explain/GW017.md"),
    check: Check::File(check),
};

static IN_ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)([a-z][a-z0-9+.-]*://(?:[^\s"'/@<>${]*(?:\$\{\{[^}]*\}\})?)*?(?:\$\{\{[^}]*(?:secrets\.|token)[^}]*\}\}|\$\{?[a-z_]*(?:token|secret|password|passwd)[a-z_0-9]*\}?)[^\s"'/@]*@|[?&][a-z_]*(?:token|secret|password)=(?:\$\{\{[^}]*(?:secrets\.|token)[^}]*\}\}|\$\{?[a-z_]*(?:token|secret|password|passwd)))"#,
    )
    .ok()
});

/// Expressions and commands that stand for the head of a pull request.
const HEADS: [&str; 4] =
    ["github.event.pull_request.head", "github.head_ref", "gitea.event.pull_request.head", "gitea.head_ref"];

fn check(scope: &mut FileScope<'_>) {
    if let Some(pattern) = IN_ADDRESS.as_ref() {
        let mut scalars: Vec<&Node> = vec![];
        scope.workflow.root().each_scalar(&mut |node, scalar| {
            if scalar.text.contains('$') {
                scalars.push(node);
            }
        });
        for place in scalars.iter().flat_map(|node| script::matches(scope.text, &node.span, pattern)) {
            let message = "a secret in an address ends up in logs, in `git config` and in the process list";
            scope.error(&place, message, "send it in a header: `git -c http.extraHeader=…`, `curl -H @file`");
        }
    }
    if let Some(trigger) = scope.workflow.trigger("pull_request_target") {
        let event = trigger.event;
        for step in scope.workflow.jobs().iter().flat_map(|job| job.steps()) {
            if let Some(place) = checked_out_head(&step) {
                let message = format!(
                    "under `{event}` this takes the code of the pull request, which then runs with the secrets"
                );
                scope.error(&place, message, "use `pull_request`, or do not check out the head");
            }
        }
    }
}

/// Returns where a step checks out the head of a pull request.
fn checked_out_head(step: &Step<'_>) -> Option<Span> {
    let is_head = |node: &&Node| node.text().is_some_and(|text| HEADS.iter().any(|head| text.contains(head)));
    if let Some(uses) = step.uses() {
        let action = Action::read(uses.text()?)?;
        let inputs = ["ref", "repository"].map(|name| step.input(name));
        let taken = action.repository == "actions/checkout";
        return inputs.into_iter().flatten().find(is_head).filter(|_| taken).map(|node| node.span.clone());
    }
    let run = step.run()?;
    let text = run.text()?;
    let by_git = text.contains("git checkout") || text.contains("git fetch") || text.contains("git clone");
    let taken = text.contains("gh pr checkout") || (by_git && (is_head(&run) || text.contains("refs/pull/")));
    taken.then(|| run.span.clone())
}
