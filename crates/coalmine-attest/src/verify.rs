//! The decision whether statements are accepted.

mod identity;
mod judgment;

use identity::identify;
use jiff::Timestamp;

use crate::{Document, Expected, Outcome, ResourceDescriptor, Sha256, TestResult};

/// How far the clock of the machine that judged may be ahead.
const MAX_SKEW_SECONDS: i64 = 300;
/// The most characters of a text that a reason quotes.
const MAX_QUOTED: usize = 200;
/// The most names that a reason lists.
const MAX_NAMES: usize = 10;

/// What was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The digest of the image.
    pub subject: Sha256,
    /// `PASSED`, or `WARNED` if that was allowed.
    pub result: Outcome,
    /// How many canaries passed.
    pub passed: usize,
    /// The id of the run.
    pub run: String,
    /// When the run ended.
    pub at: Timestamp,
    /// Whether the signature was checked. It was good then.
    pub is_signature_checked: bool,
    /// What was judged, by what and with what.
    pub configuration: Vec<ResourceDescriptor>,
}

/// A statement whose origin, type and subject are good.
#[derive(Debug)]
struct Identified {
    subject: Sha256,
    predicate: TestResult,
    at: Timestamp,
}

/// Decides whether an image is accepted. Every statement must be a good one about this image; the newest one decides.
///
/// # Errors
/// Returns each reason to reject, in one line of text that is escaped.
pub fn verify(document: &Document, expected: &Expected) -> Result<Accepted, Vec<String>> {
    let (mut identified, mut reasons) = (vec![], vec![]);
    let count = document.statements.len();
    for (at, statement) in document.statements.iter().enumerate() {
        let place = if count > 1 { format!("statement {}: ", at + 1) } else { String::new() };
        match identify(statement, expected) {
            Ok(one) => identified.push(one),
            Err(found) => reasons.extend(found.into_iter().map(|reason| format!("{place}{reason}"))),
        }
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let Some(newest) = identified.iter().max_by_key(|one| one.at) else {
        return Err(vec!["there is no statement".to_owned()]);
    };
    let is_rival = |one: &&Identified| one.at == newest.at && one.predicate != newest.predicate;
    if identified.iter().any(|one| is_rival(&one)) {
        return Err(vec!["two statements of the same time differ".to_owned()]);
    }
    let reasons = judgment::reasons(newest, expected);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    Ok(Accepted {
        subject: newest.subject,
        result: newest.predicate.result,
        passed: newest.predicate.passed_tests.len(),
        run: newest.predicate.coalmine.run.clone(),
        at: newest.at,
        is_signature_checked: expected.key.is_some(),
        configuration: newest.predicate.configuration.clone(),
    })
}

/// Returns the entry of a configuration with a name. Two entries with one name contradict each other.
fn entry<'a>(predicate: &'a TestResult, name: &str) -> Result<Option<&'a ResourceDescriptor>, String> {
    let mut named = predicate.configuration.iter().filter(|entry| entry.name.as_deref() == Some(name));
    match (named.next(), named.next()) {
        (_, Some(_)) => Err(format!("the configuration has two entries `{name}`")),
        (first, None) => Ok(first),
    }
}

/// Returns the digest of an entry, if the entry exists.
fn digest(predicate: &TestResult, name: &str) -> Result<Option<Sha256>, String> {
    let Some(entry) = entry(predicate, name)? else { return Ok(None) };
    let digest = entry.only_sha256();
    digest
        .map(Some)
        .ok_or_else(|| format!("the entry `{name}` of the configuration has no single SHA-256 digest"))
}

#[cfg(test)]
mod tests;
