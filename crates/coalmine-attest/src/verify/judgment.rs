//! Whether what a statement says is good enough.

use std::collections::BTreeSet;

use coalmine_report::escape_bounded;

use super::{Identified, MAX_NAMES, MAX_QUOTED, digest};
use crate::{Expected, Outcome, Reservation, TestResult};

/// Returns every reason to reject.
pub(super) fn reasons(found: &Identified, expected: &Expected) -> Vec<String> {
    let predicate = &found.predicate;
    let mut reasons = contradictions(predicate);
    if predicate.result == Outcome::Failed {
        reasons.push(format!("the result is FAILED: {}", listed(&predicate.failed_tests)));
    }
    if predicate.passed_tests.is_empty() {
        reasons.push("no canary passed".to_owned());
    }
    reasons.extend(reservations(predicate, expected));
    let age = expected.now.as_second().saturating_sub(found.at.as_second());
    if let Some(max) = expected.max_age
        && age > i64::try_from(max.as_secs()).unwrap_or(i64::MAX)
    {
        reasons.push(format!("it is too old: the run ended at {}, {} ago", found.at, span(age)));
    }
    for (name, wanted) in &expected.digests {
        match digest(predicate, name) {
            Ok(Some(got)) if got == *wanted => {}
            Ok(Some(got)) => reasons.push(format!("the digest of `{name}` is {got}: expected {wanted}")),
            Ok(None) => reasons.push(format!("it has no digest of `{name}`: expected {wanted}")),
            Err(reason) => reasons.push(reason),
        }
    }
    reasons
}

fn reservations(predicate: &TestResult, expected: &Expected) -> Vec<String> {
    if predicate.result != Outcome::Warned || expected.allow_warnings {
        return vec![];
    }
    let is_allowed = |one: &&Reservation| expected.allow_skips && **one == Reservation::Skipped;
    let others = predicate.coalmine.reservations.iter().filter(|one| !is_allowed(one));
    let detail = |one: &Reservation| match one {
        Reservation::Skipped => {
            format!(
                "canaries were skipped: {}; `--allow-skips` accepts that",
                listed(&predicate.coalmine.skipped)
            )
        }
        other => format!("the result is WARNED: {}; `--allow-warnings` accepts that", other.sentence()),
    };
    others.map(detail).collect()
}

/// Returns how a predicate contradicts itself. Coalmine writes no such predicate.
fn contradictions(predicate: &TestResult) -> Vec<String> {
    let details = &predicate.coalmine;
    let mut seen = BTreeSet::new();
    let lists = [&predicate.passed_tests, &predicate.warned_tests, &predicate.failed_tests];
    let repeated = lists.into_iter().flatten().find(|name| !seen.insert(name.as_str()));
    let skipped_passed = details.skipped.iter().find(|name| predicate.passed_tests.contains(name));
    let has_skips = details.reservations.contains(&Reservation::Skipped);
    let mut found = vec![];
    let mut note = |holds: bool, what: &str| {
        if holds {
            found.push(format!("it contradicts itself: {what}"));
        }
    };
    let is_green = predicate.result != Outcome::Failed;
    note(is_green && !predicate.failed_tests.is_empty(), "tests failed, and the result is not FAILED");
    note(
        is_green && !details.not_judged.is_empty(),
        "canaries were not judged, and the result is not FAILED",
    );
    note(
        predicate.result == Outcome::Passed
            && !(predicate.warned_tests.is_empty()
                && details.reservations.is_empty()
                && details.skipped.is_empty()),
        "something weakens the result, and it is PASSED",
    );
    note(
        predicate.result == Outcome::Warned && details.reservations.is_empty(),
        "the result is WARNED, and nothing weakens it",
    );
    note(
        is_green && has_skips == details.skipped.is_empty(),
        "it is not clear whether canaries were skipped",
    );
    if let Some(name) = repeated {
        note(true, &format!("the test `{}` stands in it twice", escape_bounded(name, MAX_QUOTED)));
    }
    if let Some(name) = skipped_passed {
        note(true, &format!("the test `{}` was skipped and passed", escape_bounded(name, MAX_QUOTED)));
    }
    found
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> =
        names.iter().take(MAX_NAMES).map(|name| escape_bounded(name, MAX_QUOTED)).collect();
    match names.len().saturating_sub(MAX_NAMES) {
        0 if shown.is_empty() => "no test is named".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn span(seconds: i64) -> String {
    match (seconds / 86_400, seconds / 3_600, seconds / 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, _) => format!("{hours} h"),
        (days, ..) => format!("{days} d"),
    }
}
