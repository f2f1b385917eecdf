//! The reference runtime in a container, whole and broken.

use crate::support::{REFERENCE, Run, beside_others, docker, leftovers};

#[test]
fn the_reference_image_is_green_and_the_verdict_is_bound_to_its_digest() {
    let Some(_turn) = beside_others() else { return };
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
fn one_session_for_all_contexts_is_red_at_the_session() {
    let Some(_turn) = beside_others() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &["--fault", "session.global"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(run.canaries("fail"), ["name-recall"]);
    let summary = run.summary();
    let broken =
        summary["canaries"].as_array().unwrap().iter().find(|canary| canary["verdict"] == "fail").unwrap();
    assert_eq!(broken["diagnosis"]["layer"], "session");
    assert_eq!(leftovers(&run.id), [""; 0]);
}
