use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{
    ExpectedImage, PublicKey, read,
    testing::{CANARIES, ID, IMAGE, Signer, statement},
};

const OTHER: &str = "sha256:9999999999999999999999999999999999999999999999999999999999999999";

fn expected() -> Expected {
    Expected {
        image: ExpectedImage { manifests: vec![IMAGE.parse().unwrap()], id: None },
        key: None,
        now: "2026-11-28T12:30:00Z".parse().unwrap(),
        max_age: None,
        allow_skips: false,
        allow_warnings: false,
        digests: vec![],
    }
}

fn decided(text: &str, expected: &Expected) -> Result<Accepted, Vec<String>> {
    verify(&read(text.as_bytes()).unwrap(), expected)
}

/// Returns the reasons to reject a statement that was changed.
fn rejected(expected: &Expected, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut changed = statement();
    change(&mut changed);
    decided(&changed.to_string(), expected).unwrap_err()
}

fn digits(digest: &str) -> &str {
    &digest["sha256:".len()..]
}

#[test]
fn a_pass_is_accepted() {
    let accepted = decided(&statement().to_string(), &expected()).unwrap();
    assert_eq!(accepted.result, Outcome::Passed);
    assert_eq!((accepted.passed, accepted.subject.to_string().as_str()), (2, IMAGE));
    assert!(!accepted.is_signature_checked);
}

/// The sample was made by cosign around the predicate of a run.
#[test]
fn what_cosign_made_is_accepted() {
    let key = Some(PublicKey::from_pem(include_str!("../samples/cosign.pub")).unwrap());
    let image = "sha256:528759968b30b5fe7bace21157a6e88080c25a67cff2147fe5f2fe39a94ec20d".parse().unwrap();
    let now = "2026-11-28T15:00:00Z".parse().unwrap();
    let image = ExpectedImage { manifests: vec![image], id: None };
    let sample = include_str!("../samples/cosign.jsonl");
    let expected = Expected { key, image, now, ..expected() };
    assert_eq!(decided(sample, &expected).unwrap().passed, 39);
    let other = Some(PublicKey::from_pem(&Signer::p256().pem()).unwrap());
    assert!(decided(sample, &Expected { key: other, ..expected }).is_err());
}

#[test]
fn the_key_decides() {
    for (signer, other) in [(Signer::p256(), Signer::p256()), (Signer::ed25519(), Signer::ed25519())] {
        let key = Some(PublicKey::from_pem(&signer.pem()).unwrap());
        let expected = Expected { key, ..expected() };
        let envelope = signer.envelope(&statement());
        assert!(decided(&envelope, &expected).unwrap().is_signature_checked);
        let foreign = decided(&other.envelope(&statement()), &expected).unwrap_err();
        assert_eq!(foreign, ["no signature was made with the key"]);
        let bare = decided(&statement().to_string(), &expected).unwrap_err();
        assert_eq!(bare, ["it is not signed: a statement without an envelope has no signature"]);
        // the signature of one payload under another
        let mut read_back: Value = serde_json::from_str(&envelope).unwrap();
        let mut tampered = statement();
        tampered["predicate"]["coalmine"]["run"] = json!("r-2");
        let second: Value = serde_json::from_str(&signer.envelope(&tampered)).unwrap();
        read_back["payload"] = second["payload"].clone();
        assert_eq!(
            decided(&read_back.to_string(), &expected).unwrap_err(),
            ["no signature was made with the key"]
        );
        read_back["signatures"] = json!([]);
        assert_eq!(
            decided(&read_back.to_string(), &expected).unwrap_err(),
            ["no signature was made with the key"]
        );
    }
}

#[test]
fn another_image_is_rejected() {
    let reasons = rejected(&expected(), |s| s["subject"][0]["digest"]["sha256"] = json!(digits(OTHER)));
    assert_eq!(reasons, [format!("it is about another image, {OTHER}: expected {IMAGE}")]);
}

#[test]
fn a_predicate_attached_to_another_image_is_rejected() {
    let image = ExpectedImage { manifests: vec![OTHER.parse().unwrap()], id: None };
    let expected = Expected { image, ..expected() };
    let reasons = rejected(&expected, |s| s["subject"][0]["digest"]["sha256"] = json!(digits(OTHER)));
    assert_eq!(reasons, [format!("another image was judged, {IMAGE}, than it is attached to, {OTHER}")]);
}

#[test]
fn only_one_subject_with_one_digest_is_accepted() {
    let reasons = rejected(&expected(), |s| {
        let second = json!({ "name": "other", "digest": { "sha256": digits(OTHER) } });
        s["subject"].as_array_mut().unwrap().push(second);
    });
    assert_eq!(reasons, ["it has 2 subjects: expected one image"]);
    assert_eq!(
        rejected(&expected(), |s| s["subject"] = json!([])),
        ["it has 0 subjects: expected one image"]
    );
    for digest in [
        json!({}),
        json!({ "sha1": "00" }),
        json!({ "sha256": digits(IMAGE), "sha512": "00" }),
        json!({ "sha256": IMAGE }),
        json!({ "sha256": digits(IMAGE).replace('1', "A") }),
    ] {
        let reasons = rejected(&expected(), |s| s["subject"][0]["digest"] = digest);
        assert_eq!(reasons, ["the subject has no single SHA-256 digest"]);
    }
}

#[test]
fn an_image_id_is_no_manifest() {
    let by_id = |s: &mut Value| {
        s["subject"][0]["digest"]["sha256"] = json!(digits(ID));
        s["predicate"]["configuration"].as_array_mut().unwrap().remove(0);
    };
    let of = |manifests: &[&str], id: Option<&str>| {
        let manifests = manifests.iter().map(|digest| digest.parse().unwrap()).collect();
        Expected { image: ExpectedImage { manifests, id: id.map(|id| id.parse().unwrap()) }, ..expected() }
    };
    let mut changed = statement();
    by_id(&mut changed);
    assert!(decided(&changed.to_string(), &of(&[], Some(ID))).is_ok());
    assert!(decided(&changed.to_string(), &of(&[IMAGE], Some(ID))).is_ok());
    let reasons = rejected(&of(&[IMAGE], None), by_id);
    assert_eq!(
        reasons,
        [format!("it is about the image id {ID}, which is not the digest of a manifest: expected {IMAGE}")]
    );
    // a name with `@` and the digits of the id names a manifest
    assert!(!rejected(&of(&[ID], None), by_id).is_empty());
    // a statement about a manifest is not about an id with the same digits
    let swapped = |s: &mut Value| {
        s["subject"][0]["digest"]["sha256"] = json!(digits(ID));
        s["predicate"]["configuration"][0]["digest"]["sha256"] = json!(digits(ID));
    };
    assert!(!rejected(&of(&[], Some(ID)), swapped).is_empty());
    // signers that choose the subject attach what was judged by its id to a manifest
    let mut attached = statement();
    attached["predicate"]["configuration"].as_array_mut().unwrap().remove(0);
    assert!(decided(&attached.to_string(), &of(&[IMAGE], Some(ID))).is_ok());
    assert!(decided(&attached.to_string(), &of(&[IMAGE], None)).is_err());
    assert!(decided(&attached.to_string(), &of(&[IMAGE], Some(OTHER))).is_err());
}

#[test]
fn what_was_judged_must_be_said_once() {
    let reasons = rejected(&expected(), |s| s["predicate"]["configuration"] = json!([]));
    assert_eq!(reasons, ["it does not say which image was judged"]);
    let reasons = rejected(&expected(), |s| {
        let second = json!({ "name": "image", "digest": { "sha256": digits(OTHER) } });
        s["predicate"]["configuration"].as_array_mut().unwrap().push(second);
    });
    assert_eq!(reasons, ["the configuration has two entries `image`"]);
}

#[test]
fn other_predicates_are_rejected() {
    let reasons = rejected(&expected(), |s| s["predicateType"] = json!("https://slsa.dev/provenance/v1"));
    assert_eq!(
        reasons,
        ["unknown predicate type `https://slsa.dev/provenance/v1`: expected \
          `https://in-toto.io/attestation/test-result/v0.1`"]
    );
    let reasons =
        rejected(&expected(), |s| s["predicateType"] = json!("https://in-toto.io/attestation/svr/v0.1"));
    assert_eq!(reasons, ["it holds a decision (svr) only: expected the result of the tests"]);
    for (key, value) in [
        ("result", json!("passed")),
        ("result", json!(null)),
        ("passedTests", json!("all")),
        ("coalmine", json!({})),
    ] {
        let reasons = rejected(&expected(), |s| s["predicate"][key] = value);
        assert!(reasons[0].starts_with("the predicate is not one of coalmine: "), "{reasons:?}");
    }
}

#[test]
fn a_failed_run_is_rejected() {
    let fail = |s: &mut Value| {
        s["predicate"]["result"] = json!("FAILED");
        s["predicate"]["failedTests"] = json!(["file-only"]);
    };
    assert_eq!(rejected(&expected(), fail), ["the result is FAILED: file-only"]);
    let lax = Expected { allow_skips: true, allow_warnings: true, ..expected() };
    assert_eq!(rejected(&lax, fail), ["the result is FAILED: file-only"]);
}

#[test]
fn a_pass_without_tests_is_rejected() {
    assert_eq!(rejected(&expected(), |s| s["predicate"]["passedTests"] = json!([])), ["no canary passed"]);
}

#[test]
fn what_weakens_a_pass_must_be_allowed() {
    let skipped = |s: &mut Value| {
        s["predicate"]["result"] = json!("WARNED");
        s["predicate"]["warnedTests"] = json!(["recreate-recall"]);
        s["predicate"]["coalmine"]["skipped"] = json!(["recreate-recall"]);
        s["predicate"]["coalmine"]["reservations"] = json!(["skipped"]);
    };
    let also_lenient = |s: &mut Value| {
        skipped(s);
        s["predicate"]["coalmine"]["reservations"] = json!(["skipped", "lenient"]);
    };
    let reason = "canaries were skipped: recreate-recall; `--allow-skips` accepts that";
    assert_eq!(rejected(&expected(), skipped), [reason]);
    let mut changed = statement();
    skipped(&mut changed);
    let allow_skips = Expected { allow_skips: true, ..expected() };
    assert_eq!(decided(&changed.to_string(), &allow_skips).unwrap().result, Outcome::Warned);
    let lenient = "the result is WARNED: the provider was lenient; `--allow-warnings` accepts that";
    assert_eq!(rejected(&expected(), also_lenient), [reason, lenient]);
    assert_eq!(rejected(&allow_skips, also_lenient), [lenient]);
    also_lenient(&mut changed);
    let allow_warnings = Expected { allow_warnings: true, ..expected() };
    assert!(decided(&changed.to_string(), &allow_warnings).is_ok());
}

#[test]
fn a_contradiction_is_rejected() {
    let changes: [(&str, fn(&mut Value)); 8] = [
        ("tests failed, and the result is not FAILED", |p| p["failedTests"] = json!(["x"])),
        ("something weakens the result, and it is PASSED", |p| p["warnedTests"] = json!(["x"])),
        ("something weakens the result, and it is PASSED", |p| {
            p["coalmine"]["skipped"] = json!(["x"]);
            p["coalmine"]["reservations"] = json!(["skipped"]);
        }),
        ("it is not clear whether canaries were skipped", |p| p["coalmine"]["skipped"] = json!(["x"])),
        ("the test `name-recall` was skipped and passed", |p| {
            p["coalmine"]["skipped"] = json!(["name-recall"])
        }),
        ("the test `agent-card` stands in it twice", |p| {
            p["passedTests"] = json!(["agent-card", "agent-card"])
        }),
        ("the result is WARNED, and nothing weakens it", |p| p["result"] = json!("WARNED")),
        ("canaries were not judged, and the result is not FAILED", |p| {
            p["coalmine"]["notJudged"] = json!(["x"])
        }),
    ];
    let lax = Expected { allow_skips: true, allow_warnings: true, ..expected() };
    for (what, change) in changes {
        let reasons = rejected(&lax, |s| change(&mut s["predicate"]));
        assert!(reasons.contains(&format!("it contradicts itself: {what}")), "{what}: {reasons:?}");
    }
}

#[test]
fn age_and_future_are_checked() {
    let week = Some(Duration::from_secs(7 * 86_400));
    let at = |now: &str, max_age| Expected { now: now.parse().unwrap(), max_age, ..expected() };
    let text = statement().to_string();
    assert!(decided(&text, &at("2026-12-05T12:00:00Z", week)).is_ok());
    assert_eq!(
        decided(&text, &at("2026-12-05T12:00:01Z", week)).unwrap_err(),
        ["it is too old: the run ended at 2026-11-28T12:00:00Z, 7 d ago"]
    );
    assert!(decided(&text, &at("2036-12-05T12:00:01Z", None)).is_ok());
    // clocks differ a little
    assert!(decided(&text, &at("2026-11-28T11:55:00Z", None)).is_ok());
    assert_eq!(
        decided(&text, &at("2026-11-28T11:54:59Z", None)).unwrap_err(),
        ["it comes from the future: 2026-11-28T12:00:00Z, and now it is 2026-11-28T11:54:59Z"]
    );
    let reasons = rejected(&expected(), |s| s["predicate"]["coalmine"]["timeCreated"] = json!("soon\n"));
    assert_eq!(reasons, ["its time cannot be read: `soon\\n`"]);
}

#[test]
fn expected_digests_are_compared() {
    let wants =
        |name, digest: &str| Expected { digests: vec![(name, digest.parse().unwrap())], ..expected() };
    assert!(decided(&statement().to_string(), &wants("canaries", CANARIES)).is_ok());
    assert_eq!(
        rejected(&wants("canaries", OTHER), |_| {}),
        [format!("the digest of `canaries` is {CANARIES}: expected {OTHER}")]
    );
    assert_eq!(
        rejected(&wants("workflow", OTHER), |_| {}),
        [format!("it has no digest of `workflow`: expected {OTHER}")]
    );
}

#[test]
fn the_newest_statement_decides() {
    let signer = Signer::p256();
    let run = |time: &str, result: &str| {
        let mut one = statement();
        one["predicate"]["coalmine"]["timeCreated"] = json!(time);
        one["predicate"]["result"] = json!(result);
        if result == "FAILED" {
            one["predicate"]["failedTests"] = json!(["x"]);
        }
        signer.envelope(&one)
    };
    let (green, red) = (run("2026-11-28T12:00:00Z", "PASSED"), run("2026-11-28T12:10:00Z", "FAILED"));
    let later = run("2026-11-28T12:20:00Z", "PASSED");
    let same = run("2026-11-28T12:00:00Z", "FAILED");
    let of = |lines: &[&String]| {
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        decided(&lines.join("\n"), &expected())
    };
    assert!(of(&[&green]).is_ok());
    assert_eq!(of(&[&green, &red]).unwrap_err(), ["the result is FAILED: x"]);
    assert_eq!(of(&[&red, &green]).unwrap_err(), ["the result is FAILED: x"]);
    assert!(of(&[&later, &red, &green]).is_ok());
    assert_eq!(of(&[&green, &same]).unwrap_err(), ["two statements of the same time differ"]);
    assert!(of(&[&green, &green]).is_ok());
}

#[test]
fn every_statement_must_be_good() {
    let (signer, other) = (Signer::p256(), Signer::p256());
    let key = Some(PublicKey::from_pem(&signer.pem()).unwrap());
    let mut foreign = statement();
    foreign["predicateType"] = json!("x\u{1b}\ny");
    let lines = [signer.envelope(&statement()), other.envelope(&statement()), signer.envelope(&foreign)];
    let reasons = decided(&lines.join("\n"), &Expected { key, ..expected() }).unwrap_err();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert_eq!(reasons[0], "statement 2: no signature was made with the key");
    assert!(reasons[1].starts_with("statement 3: unknown predicate type `x"), "{reasons:?}");
    assert!(reasons.iter().all(|reason| !reason.contains(['\u{1b}', '\n'])), "{reasons:?}");
}
