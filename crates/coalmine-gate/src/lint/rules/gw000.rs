//! GW000: comments that ignore nothing.

use std::collections::{BTreeMap, HashSet};

use super::{ALL, Rule};
use crate::lint::{
    Finding, LintOptions, Severity,
    ignore::Ignore,
    rule::{Applies, Check, Evidence},
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW000",
    severity: Severity::Warning,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Policy,
    sentence: "a comment that ignores a rule has no reason, or nothing to ignore",
    page: include_str!("../../../../../docs/explain/GW000.md"),
    check: Check::Ignores,
};

/// Returns what is wrong with the ignores of all files.
pub(crate) fn about_ignores(
    comments: &BTreeMap<usize, Vec<Ignore>>,
    used: &HashSet<(usize, usize, &'static str)>,
    options: &LintOptions,
) -> Vec<Finding> {
    let mut all = vec![];
    for (file, ignores) in comments {
        for (at, ignore) in ignores.iter().enumerate() {
            let is_used = |id: &'static str| used.contains(&(*file, at, id));
            all.extend(complaint(ignore, is_used, options).map(|message| Finding {
                rule: &ALL[0],
                severity: Severity::Warning,
                file: Some(*file),
                span: Some(ignore.span.clone()),
                message,
                help:
                    "write `# coalmine: ignore GW011 -- why this is fine`, or remove the comment".to_owned(),
                versions: vec![],
                is_unmeasured_forge: false,
            }));
        }
    }
    all
}

fn complaint(
    ignore: &Ignore,
    is_used: impl Fn(&'static str) -> bool,
    options: &LintOptions,
) -> Option<String> {
    if ignore.rules.is_empty() {
        return Some("this comment names no rule".to_owned());
    }
    let mut known = vec![];
    for id in &ignore.rules {
        match ALL.iter().find(|rule| rule.id == id) {
            Some(rule) => known.push(rule.id),
            None => return Some(format!("`{}` is no rule", id.chars().take(40).collect::<String>())),
        }
    }
    if !ignore.has_reason {
        return Some("this comment does not say why, so it ignores nothing".to_owned());
    }
    let idle = known.into_iter().find(|id| !is_used(id) && can_be_judged(id, options))?;
    Some(format!("there is nothing here that `{idle}` would report"))
}

/// Returns whether everything that a rule needs was given.
fn can_be_judged(id: &str, options: &LintOptions) -> bool {
    match id {
        "GW010" | "GW020" => options.required.is_some(),
        "GW018" => !options.canonical.is_empty(),
        "GW019" => options.base.is_some(),
        _ => true,
    }
}
