//! GW018: a copy of the gate's file that is not the canonical one.

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::SetScope,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW018",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Policy,
    sentence: "the gate's file is not identical to the canonical one",
    page: include_str!("../../../../../docs/explain/GW018.md"),
    check: Check::Set(check),
};

fn check(scope: &mut SetScope<'_>) {
    for canonical in &scope.options.canonical {
        let copies = scope.files.iter().filter(|(_, file)| file.source.name() == canonical.name);
        let mut found = vec![];
        let mut has_copy = false;
        for (index, file) in copies {
            has_copy = true;
            let text = &file.source.text;
            if let Some(at) = first_difference(text.as_bytes(), &canonical.bytes) {
                let line = line_at(text, at);
                let message =
                    format!("the file differs from the canonical `{}` from here on", canonical.name);
                found.push((Some((*index, line)), message));
            }
        }
        if !has_copy {
            found.push((None, format!("there is no `{}`", canonical.name)));
        }
        for (place, message) in found {
            scope.report(
                Severity::Error,
                place,
                message,
                "copy the canonical file; what differs belongs into `coalmine.toml`",
            );
        }
    }
}

/// Returns the place of the first byte that differs; that of the end, if one is the beginning of the other.
fn first_difference(copy: &[u8], canonical: &[u8]) -> Option<usize> {
    let same = copy.iter().zip(canonical).take_while(|(left, right)| left == right).count();
    (copy != canonical).then_some(same)
}

/// Returns the line that a byte belongs to, without its line break.
fn line_at(text: &str, at: usize) -> std::ops::Range<usize> {
    let bytes = text.as_bytes();
    let at = at.min(bytes.len());
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |found| at + found);
    start..end
}
