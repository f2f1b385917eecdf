//! The reference runtime in a container, with and without a fault.

use crate::support::{REFERENCE, Run, docker, leftovers, share_engine};

#[test]
fn reference_image_passes_and_its_digest_is_reported() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let summary = run.summary();
    assert_eq!(summary["verdict"], "pass");
    assert_eq!(summary["counts"]["pass"], 7, "{}", ended.stderr);
    assert_eq!(summary["target"]["image"], REFERENCE);
    let digest = docker(&["image", "inspect", "--format", "{{.Id}}", REFERENCE]);
    assert_eq!(summary["target"]["image_digest"], digest);
    assert_eq!(leftovers(&run.id), [""; 0]);
}

#[test]
fn shared_session_fails_at_the_session_layer() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &["--fault", "session.global"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(run.canaries("fail"), ["name-recall"]);
    let summary = run.summary();
    let broken =
        summary["canaries"].as_array().unwrap().iter().find(|canary| canary["verdict"] == "fail").unwrap();
    assert_eq!(broken["diagnosis"]["layer"], "session");
    assert_eq!(leftovers(&run.id), [""; 0]);
}
