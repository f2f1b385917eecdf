//! What a run says about an image in a real engine.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

use crate::support::{COALMINE, REFERENCE, Run, docker, leftovers, share_engine};

const ALL: &[&str] = &["--canary", "agent-card", "name-recall", "--attest", "--attest-image-id"];

fn verify(run: &Run, image: &str, more: &[&str]) -> Output {
    let statement: PathBuf = run.path("attestation/statement.json");
    Command::new(COALMINE).arg("verify").arg(statement).args(["--image", image]).args(more).output().unwrap()
}

#[test]
fn image_that_was_never_pushed_needs_consent() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &["--attest"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("it has no manifest digest"), "{}", ended.stderr);
    assert!(!run.path("events.ndjson").exists(), "nothing was run");
    assert_eq!(leftovers(&run.id), [""; 0]);
}

#[test]
fn image_id_is_attested_and_verified() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, ALL);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let id = docker(&["image", "inspect", "--format", "{{.Id}}", REFERENCE]);
    let statement: Value = serde_json::from_str(&run.file("attestation/statement.json")).unwrap();
    assert_eq!(format!("sha256:{}", statement["subject"][0]["digest"]["sha256"].as_str().unwrap()), id);
    assert_eq!(statement["predicate"]["result"], "WARNED");
    let reservations = &statement["predicate"]["coalmine"]["reservations"];
    assert_eq!(*reservations, serde_json::json!(["selection"]));
    for image in [REFERENCE, &id] {
        let done = verify(&run, image, &["--allow-warnings"]);
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stdout));
        assert_eq!(verify(&run, image, &[]).status.code(), Some(1));
    }
    // the same digits as those of a manifest
    let done = verify(&run, &format!("x@{id}"), &["--allow-warnings"]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("which is not the digest of a manifest"), "{said}");
}

#[test]
fn failed_run_is_attested_as_failed() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &[ALL, &["--fault", "session.global"]].concat());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let done = verify(&run, REFERENCE, &["--allow-warnings"]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("the result is FAILED: name-recall"), "{said}");
}

/// A name can be moved to another image while a run goes on.
#[test]
fn container_is_created_from_the_image_that_is_reported() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &["--canary", "agent-card", "name-recall", "--keep"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let containers = docker(&["ps", "--quiet", "--filter", &run.filter()]);
    let image = docker(&["inspect", "--format", "{{.Config.Image}}", &containers]);
    assert_eq!(image, run.summary()["target"]["image_digest"].as_str().unwrap());
}
