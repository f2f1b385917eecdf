//! What decides whether an image is accepted.

use coalmine_attest::{Expected, ExpectedImage, Outcome, PublicKey, TestResult, read, verify as decide};
use coalmine_report::escape;

/// The digest of the image in the seeds.
const IMAGE: &str = "sha256:528759968b30b5fe7bace21157a6e88080c25a67cff2147fe5f2fe39a94ec20d";

/// Reads statements and decides about them. What is accepted is about the image and did not fail, nothing is accepted with a
/// key that signed nothing, and every reason is one harmless line.
pub(crate) fn verify(input: &[u8]) {
    let Ok(document) = read(input).map_err(|error| check_shown(&error.to_string())) else { return };
    let image = IMAGE.parse().expect("a digest");
    let expected = Expected {
        image: ExpectedImage { manifests: vec![image], id: None },
        key: None,
        now: "2026-11-28T15:00:00Z".parse().expect("a time"),
        max_age: None,
        allow_skips: true,
        allow_warnings: true,
        digests: vec![],
    };
    match decide(&document, &expected) {
        Ok(accepted) => {
            assert_eq!(accepted.subject, image);
            assert_ne!(accepted.result, Outcome::Failed);
            assert!(accepted.passed > 0 && !accepted.is_signature_checked);
            for signed in &document.statements {
                assert_eq!(signed.statement.subject.len(), 1);
                let predicate = signed.statement.predicate.clone();
                assert!(serde_json::from_value::<TestResult>(predicate).is_ok());
            }
        }
        Err(reasons) => {
            assert!(!reasons.is_empty());
            reasons.iter().for_each(|reason| check_shown(reason));
        }
    }
    let key = PublicKey::Ed25519(vec![7; 32]);
    assert!(decide(&document, &Expected { key: Some(key), ..expected }).is_err());
}

/// Checks that a reason is one line in which nothing acts on a terminal or a CI log.
fn check_shown(reason: &str) {
    assert_eq!(escape(reason), reason);
    assert!(!reason.starts_with("::"), "{reason:?}");
}
