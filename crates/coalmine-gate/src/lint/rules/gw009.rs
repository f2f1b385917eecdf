//! GW009: two files that post the same context.

use std::collections::HashMap;

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::{EVENTS, SetScope},
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW009",
    severity: Severity::Error,
    applies: Applies::gitea_before(1, 27, 0),
    evidence: Evidence::Measured,
    sentence: "two files post the same context, and the later green covers the earlier red",
    page: include_str!("../../../../../docs/explain/GW009.md"),
    check: Check::Set(check),
};

fn check(scope: &mut SetScope<'_>) {
    let mut posted: HashMap<String, (usize, String)> = HashMap::new();
    let mut collisions = vec![];
    for (index, file) in scope.files {
        let Ok(workflow) = &file.parsed else { continue };
        let mut reported = false;
        for context in EVENTS.iter().flat_map(|event| file.contexts(event, scope.server).exact) {
            let first = posted.entry(context.clone()).or_insert_with(|| (*index, file.source.path.clone()));
            if first.0 != *index && !reported {
                reported = true;
                let place = workflow
                    .root()
                    .entry("name")
                    .map_or_else(|| workflow.start(), |entry| entry.value.span.clone());
                collisions.push(((*index, place), format!("`{context}` is posted by `{}` as well", first.1)));
            }
        }
    }
    for (place, message) in collisions {
        let help = "give each workflow a name of its own";
        scope.report(Severity::Error, Some(place), message, help);
    }
}
