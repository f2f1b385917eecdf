//! GW020: a required context of the wrong event.

use super::Rule;
use crate::{
    forge::RequiredContext,
    lint::{
        Server, Severity,
        rule::{Applies, Check, Evidence},
        scope::SetScope,
    },
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW020",
    severity: Severity::Error,
    applies: Applies::gitea_from(1, 23),
    evidence: Evidence::Measured,
    sentence: "the protection requires `(pull_request)`, but the workflow posts `(pull_request_target)`",
    page: include_str!("../../../../../docs/explain/GW020.md"),
    check: Check::Set(check),
};

/// Returns the context of `pull_request_target` that is posted instead of a required one.
pub(super) fn other_event<'a>(
    glob: &RequiredContext,
    exact: &'a [String],
    server: Server,
) -> Option<&'a String> {
    if !server.is_from(1, 23) || exact.iter().any(|context| glob.matches(context)) {
        return None;
    }
    exact.iter().find(|context| {
        context
            .strip_suffix(" (pull_request_target)")
            .is_some_and(|start| glob.matches(&format!("{start} (pull_request)")))
    })
}

fn check(scope: &mut SetScope<'_>) {
    let Some(required) = &scope.options.required else { return };
    let (exact, _) = super::gw010::posted(scope);
    let mut found = vec![];
    for glob in required {
        let Some(context) = other_event(glob, &exact, scope.server) else { continue };
        let place = scope.files.iter().find_map(|(index, file)| {
            let posts = file.contexts("pull_request_target", scope.server).exact.contains(context);
            let trigger = file.parsed.as_ref().ok()?.trigger("pull_request_target")?;
            posts.then(|| (*index, trigger.place.span.clone()))
        });
        let message =
            format!("the protection requires `{}`, but from 1.23 on this posts `{context}`", glob.written());
        found.push((place, message));
    }
    for (place, message) in found {
        scope.report(Severity::Error, place, message, "change the required context, or the event");
    }
}
