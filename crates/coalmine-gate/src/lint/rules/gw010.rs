//! GW010: required contexts and posted contexts that differ.

use super::Rule;
use crate::{
    forge::RequiredContext,
    lint::{
        Server, Severity, Version,
        rule::{Applies, Check, Evidence},
        scope::{EVENTS, SetScope},
    },
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW010",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Measured,
    sentence: "a context is required but never posted, or meant to be required but is not",
    page: include_str!("../../../../../docs/explain/GW010.md"),
    check: Check::Set(check),
};

/// Returns what all files post, without what they post twice, and the beginnings of what cannot be computed.
pub(super) fn posted(scope: &SetScope<'_>) -> (Vec<String>, Vec<String>) {
    let all = scope.files.iter().flat_map(|(_, file)| EVENTS.map(|event| file.contexts(event, scope.server)));
    let (mut exact, mut prefixes) = (vec![], vec![]);
    for contexts in all {
        exact.extend(contexts.exact);
        prefixes.extend(contexts.unknown.into_iter().map(|unknown| unknown.prefix));
    }
    exact.sort();
    exact.dedup();
    (exact, prefixes)
}

fn check(scope: &mut SetScope<'_>) {
    let Some(required) = &scope.options.required else { return };
    let (exact, prefixes) = posted(scope);
    for glob in required {
        let matched: Vec<&String> = exact.iter().filter(|context| glob.matches(context)).collect();
        let may_match = prefixes.iter().any(|prefix| glob.written().starts_with(prefix.as_str()));
        if matched.is_empty() && !may_match && super::gw020::other_event(glob, &exact, scope.server).is_none()
        {
            let message = format!(
                "nothing posts the required context `{}`: pull requests are blocked for ever",
                glob.written()
            );
            scope.report(Severity::Error, None, message, nearest(glob, &exact));
        }
        if matched.len() > 1 && is_first_only(scope.server) {
            let message = format!(
                "`{}` matches {} contexts, of which only one is checked before 1.24.3",
                glob.written(),
                matched.len()
            );
            scope.report(Severity::Error, None, message, "require each context by its full name");
        }
    }
    for context in &scope.options.declared {
        if !required.iter().any(|glob| glob.matches(context)) {
            let message = format!("the context `{context}` is meant to be a gate, but is not required");
            scope.report(Severity::Error, None, message, "add it to the branch protection");
        }
    }
}

/// Returns whether the server looks only at the first match of a glob.
fn is_first_only(server: Server) -> bool {
    matches!(server, Server::Gitea(version) if version < Version::new(1, 24, 3))
}

fn nearest(glob: &RequiredContext, exact: &[String]) -> String {
    let likeness = |context: &String| {
        if context.ends_with(glob.written()) {
            1.0
        } else {
            strsim::jaro_winkler(&start(context), &start(glob.written()))
        }
    };
    let best = exact
        .iter()
        .map(|context| (likeness(context), context))
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match best {
        Some((likeness, context)) if likeness > 0.8 => format!("require `{context}`, which is posted"),
        Some(_) => "compare it with the contexts at the head of a recent pull request".to_owned(),
        None => "the files post no context at all".to_owned(),
    }
}

/// Returns the beginning of a text, so that comparing costs little.
fn start(text: &str) -> String {
    text.chars().take(200).collect()
}
