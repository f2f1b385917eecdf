//! Whether a statement is one of coalmine about the right image, by the right signer.

use coalmine_report::escape_bounded;
use jiff::Timestamp;

use super::{Identified, MAX_QUOTED, MAX_SKEW_SECONDS, digest};
use crate::{Expected, ExpectedImage, SVR_V0_1, Sha256, SignedStatement, TEST_RESULT_V0_1, TestResult};

/// Returns a statement that can be judged, or the reasons why it cannot.
pub(super) fn identify(signed: &SignedStatement, expected: &Expected) -> Result<Identified, Vec<String>> {
    let mut reasons = vec![];
    reasons.extend(signature(signed, expected));
    let subject = keep(subject(signed), &mut reasons);
    let predicate = keep(predicate(signed), &mut reasons);
    if let (Some(subject), Some(predicate)) = (subject, &predicate) {
        reasons.extend(image(subject, predicate, &expected.image).err());
    }
    let at = predicate.as_ref().and_then(|predicate| keep(time(predicate, expected), &mut reasons));
    match (subject, predicate, at) {
        (Some(subject), Some(predicate), Some(at)) if reasons.is_empty() => {
            Ok(Identified { subject, predicate, at })
        }
        _ => Err(reasons),
    }
}

fn keep<T>(found: Result<T, String>, reasons: &mut Vec<String>) -> Option<T> {
    found.map_err(|reason| reasons.push(reason)).ok()
}

/// Returns why the signature is not valid, if a key was given.
fn signature(signed: &SignedStatement, expected: &Expected) -> Option<String> {
    let key = expected.key.as_ref()?;
    if !signed.is_enveloped() {
        return Some("it is not signed: a statement without an envelope has no signature".to_owned());
    }
    (!signed.is_signed_with(key)).then(|| "no signature was made with the key".to_owned())
}

fn subject(signed: &SignedStatement) -> Result<Sha256, String> {
    let subjects = &signed.statement.subject;
    match subjects.as_slice() {
        [one] => one.only_sha256().ok_or_else(|| "the subject has no single SHA-256 digest".to_owned()),
        _ => Err(format!("it has {} subjects: expected one image", subjects.len())),
    }
}

fn predicate(signed: &SignedStatement) -> Result<TestResult, String> {
    let kind = &signed.statement.predicate_type;
    if kind == SVR_V0_1 {
        return Err("it holds a decision (svr) only: expected the result of the tests".to_owned());
    }
    if kind != TEST_RESULT_V0_1 {
        let kind = escape_bounded(kind, MAX_QUOTED);
        return Err(format!("unknown predicate type `{kind}`: expected `{TEST_RESULT_V0_1}`"));
    }
    serde_json::from_value(signed.statement.predicate.clone()).map_err(|error| {
        format!("the predicate is not one of coalmine: {}", escape_bounded(&error.to_string(), MAX_QUOTED))
    })
}

/// Fails unless the subject is the expected image, and the image that was judged. A person who attaches a predicate to an image
/// chooses the subject, so the predicate names the judged image itself.
fn image(subject: Sha256, predicate: &TestResult, expected: &ExpectedImage) -> Result<(), String> {
    let (manifest, id) = (digest(predicate, "image")?, digest(predicate, "image-config")?);
    let is_about_id = manifest.is_none() && id == Some(subject);
    if is_about_id && expected.id.is_none() {
        return Err(format!(
            "it is about the image id {subject}, which is not the digest of a manifest: name the image as an engine knows it"
        ));
    }
    let is_id = is_about_id && expected.id == Some(subject);
    if !is_id && !expected.manifests.contains(&subject) {
        let wanted: Vec<String> =
            expected.manifests.iter().chain(&expected.id).map(Sha256::to_string).collect();
        return Err(format!("it is about another image, {subject}: expected {}", wanted.join(" or ")));
    }
    match (manifest, id) {
        (Some(manifest), _) if manifest == subject => Ok(()),
        (Some(manifest), _) => {
            Err(format!("another image was judged, {manifest}, than it is attached to, {subject}"))
        }
        (None, Some(id)) if Some(id) == expected.id => Ok(()),
        (None, Some(id)) => Err(format!(
            "it says which image id was judged, {id}, and not which manifest: name the image as an engine knows it"
        )),
        (None, None) => Err("it does not say which image was judged".to_owned()),
    }
}

fn time(predicate: &TestResult, expected: &Expected) -> Result<Timestamp, String> {
    let text = &predicate.coalmine.time_created;
    let unreadable = |_| format!("its time cannot be read: `{}`", escape_bounded(text, MAX_QUOTED));
    let at: Timestamp = text.parse().map_err(unreadable)?;
    if at.as_second().saturating_sub(expected.now.as_second()) > MAX_SKEW_SECONDS {
        return Err(format!("it comes from the future: {at}, and now it is {}", expected.now));
    }
    Ok(at)
}
