use serde_json::{Value, json};

use super::*;
use crate::{
    CanarySet, Expected, ExpectedImage, JudgedImage, Named, read,
    testing::{ID, IMAGE},
    verify,
};

fn provenance() -> Provenance {
    let mut canaries = CanarySet::default();
    ["agent-card", "name-recall"].iter().for_each(|id| canaries.add(id, "text"));
    Provenance {
        image: JudgedImage {
            name: "registry.test/agent".into(),
            manifest: Some(IMAGE.parse().unwrap()),
            id: ID.parse().unwrap(),
        },
        binary: Sha256::of(b"binary"),
        canaries,
        profile: Named { name: "generic".into(), digest: Sha256::of(b"profile") },
        workflow: None,
        mode: Mode { options: vec!["--image".into()], ..Mode::default() },
    }
}

fn canary(id: &str) -> Value {
    json!({
        "id": id, "number": null, "title": "", "level": "must", "verdict": "pass", "duration_ms": 1, "checks": [],
        "diagnosis": null, "reason": null, "turns": [],
    })
}

/// Returns the summary of a run that passed, with a change.
fn summary(change: impl FnOnce(&mut Value)) -> Summary {
    let mut summary = json!({
        "schema": "coalmine/summary/1",
        "run": {
            "id": "r-1", "seed": u64::MAX, "started_at": "2026-11-28T12:00:00Z", "duration_ms": 1_500,
            "version": "0.1.0", "model": "simulated", "arguments": ["--image", "x"], "jobs": 6, "strict": false,
            "complete": true, "interrupted": false,
        },
        "target": {
            "kind": "docker", "subject": "x", "image": "x", "image_digest": ID, "profile": "generic", "dialect": "0.3",
        },
        "verdict": "pass",
        "counts": { "pass": 2, "fail": 0, "error": 0, "skip": 0, "xfail": 0, "xpass": 0 },
        "canaries": [canary("agent-card"), canary("name-recall")],
        "causes": [],
        "diagnosis": null,
        "findings": [],
    });
    change(&mut summary);
    serde_json::from_value(summary).unwrap()
}

fn predicate(change: impl FnOnce(&mut Value)) -> TestResult {
    attest(&summary(change), &provenance()).unwrap().statement.predicate
}

#[test]
fn a_pass_is_attested_and_accepted() {
    let attestation = attest(&summary(|_| {}), &provenance()).unwrap();
    let predicate = &attestation.statement.predicate;
    assert_eq!(predicate.result, Outcome::Passed);
    assert_eq!(predicate.passed_tests, ["agent-card", "name-recall"]);
    assert_eq!(predicate.coalmine.time_created, "2026-11-28T12:00:01Z");
    assert_eq!(attestation.decision.properties, ["COALMINE_PASSED"]);
    let mode = predicate.configuration.last().unwrap();
    assert_eq!(mode.annotations["seed"], u64::MAX.to_string());
    let [(_, statement), (_, alone), _] = attestation.files();
    let statement: Value = serde_json::from_str(&statement).unwrap();
    assert_eq!(statement["predicate"], serde_json::from_str::<Value>(&alone).unwrap());
    let expected = Expected {
        image: ExpectedImage { manifests: vec![IMAGE.parse().unwrap()], id: None },
        key: None,
        now: "2026-11-28T12:30:00Z".parse().unwrap(),
        max_age: None,
        allow_skips: false,
        allow_warnings: false,
        digests: vec![
            ("coalmine", Sha256::of(b"binary")),
            ("profile", Sha256::of(b"profile")),
            ("canaries", provenance().canaries.digest()),
        ],
    };
    let read = read(attestation.files()[0].1.as_bytes()).unwrap();
    assert_eq!(verify(&read, &expected).unwrap().passed, 2);
}

#[test]
fn equal_runs_give_equal_bytes() {
    let files = || attest(&summary(|_| {}), &provenance()).unwrap().files();
    assert_eq!(files(), files());
}

#[test]
fn a_skip_is_no_pass() {
    let found = predicate(|s| s["canaries"][1]["verdict"] = json!("skip"));
    assert_eq!(found.result, Outcome::Warned);
    assert_eq!(
        (found.passed_tests, found.warned_tests),
        (vec!["agent-card".into()], vec!["name-recall".into()])
    );
    assert_eq!(found.coalmine.skipped, ["name-recall"]);
    assert_eq!(found.coalmine.reservations, [Reservation::Skipped]);
}

#[test]
fn everything_that_weakens_a_pass_is_a_reservation() {
    let of = |change: fn(&mut Value)| {
        let found = predicate(change);
        assert_eq!(found.result, Outcome::Warned);
        found.coalmine.reservations
    };
    let rounds = json!({ "passed": 19, "judged": 20, "asked": 20, "low": 0.8, "high": 0.99, "min_pass": 0.9, "shown": 3 });
    let finding = |code: &str| json!({ "code": code, "severity": "warn", "sentence": "", "canary": null });
    assert_eq!(of(|s| s["canaries"][1]["verdict"] = json!("xfail")), [Reservation::KnownLimit]);
    assert_eq!(of(|s| s["canaries"][1]["reason"] = json!("no store")), [Reservation::PartlyJudged]);
    assert_eq!(of(|s| s["run"]["model"] = json!("live")), [Reservation::OtherModel]);
    assert_eq!(of(|s| s["run"]["jobs"] = json!(1)), [Reservation::NothingInParallel]);
    let partly = predicate(|s| s["canaries"][1]["rounds"] = rounds);
    assert_eq!(partly.coalmine.reservations, [Reservation::RoundsFailed]);
    assert_eq!(partly.warned_tests, ["name-recall"]);
    let open = predicate(|s| s["findings"] = json!([finding("run.network-open")]));
    assert_eq!((open.result, open.coalmine.reservations), (Outcome::Warned, vec![Reservation::WeakEvidence]));
    let swept = predicate(|s| s["findings"] = json!([finding("run.swept")]));
    assert_eq!((swept.result, swept.coalmine.findings), (Outcome::Passed, vec!["run.swept".to_owned()]));
    let mode = Mode { lenient: true, selection: true, injected_fault: true, options: vec![] };
    let found = attest(&summary(|_| {}), &Provenance { mode, ..provenance() }).unwrap().statement.predicate;
    assert_eq!(
        found.coalmine.reservations,
        [Reservation::Lenient, Reservation::Selection, Reservation::InjectedFault]
    );
}

#[test]
fn a_failed_run_is_attested_as_failed() {
    let fail = |s: &mut Value| {
        s["verdict"] = json!("fail");
        s["canaries"][1]["verdict"] = json!("fail");
        s["canaries"][0]["verdict"] = json!("error");
    };
    let attestation = attest(&summary(fail), &provenance()).unwrap();
    let found = attestation.statement.predicate;
    assert_eq!((found.result, found.failed_tests), (Outcome::Failed, vec!["name-recall".to_owned()]));
    assert_eq!(found.coalmine.not_judged, ["agent-card"]);
    assert!(found.passed_tests.is_empty() && attestation.decision.properties.is_empty());
    let found = predicate(|s| {
        s["verdict"] = json!("fail");
        let finding =
            json!({ "severity": "fail", "code": "run.failed-beside-others", "sentence": "", "canary": null });
        s["findings"] = json!([finding.clone(), finding]);
    });
    assert_eq!(found.failed_tests, ["finding:run.failed-beside-others"]);
    let strict = predicate(|s| {
        s["verdict"] = json!("fail");
        s["run"]["strict"] = json!(true);
        s["canaries"][0]["verdict"] = json!("skip");
    });
    assert_eq!((strict.failed_tests, strict.warned_tests.len()), (vec!["agent-card".to_owned()], 0));
}

#[test]
fn what_was_not_judged_is_not_attested() {
    let refused = |change: fn(&mut Value)| attest(&summary(change), &provenance()).unwrap_err();
    assert_eq!(refused(|s| s["verdict"] = json!("error")), NotAttested::NotJudged);
    assert_eq!(refused(|s| s["run"]["interrupted"] = json!(true)), NotAttested::Incomplete);
    assert_eq!(refused(|s| s["run"]["complete"] = json!(false)), NotAttested::Incomplete);
}

#[test]
fn a_summary_that_contradicts_the_run_is_not_attested() {
    let refused = |change: fn(&mut Value)| attest(&summary(change), &provenance()).unwrap_err();
    let changes: [fn(&mut Value); 7] = [
        |s| s["target"]["image_digest"] = json!(IMAGE),
        |s| s["target"]["image_digest"] = json!(null),
        |s| s["canaries"].as_array_mut().unwrap().truncate(1),
        |s| s["canaries"][1]["verdict"] = json!("fail"),
        |s| s["canaries"][1]["verdict"] = json!("error"),
        |s| {
            s["canaries"][0]["verdict"] = json!("skip");
            s["canaries"][1]["verdict"] = json!("skip");
        },
        |s| s["run"]["started_at"] = json!("now"),
    ];
    for change in changes {
        assert!(matches!(refused(change), NotAttested::Contradiction(_)));
    }
}

#[test]
fn an_image_without_a_manifest_is_known_by_its_id() {
    let mut by_id = provenance();
    by_id.image.manifest = None;
    let statement = attest(&summary(|_| {}), &by_id).unwrap().statement;
    assert_eq!(statement.subject[0].only_sha256().unwrap().to_string(), ID);
    let names: Vec<_> =
        statement.predicate.configuration.iter().filter_map(|entry| entry.name.as_deref()).collect();
    assert_eq!(names, ["image-config", "coalmine", "canaries", "profile", "mode"]);
}
