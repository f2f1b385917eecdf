//! Containers that cannot be judged: exit code 2, the cause, and nothing left.

use std::time::{Duration, Instant};

use crate::support::{COALMINE_IMAGE, REFERENCE, Run, beside_others, leftovers};

#[test]
fn a_runtime_that_is_never_ready_is_given_up_with_what_was_seen_last() {
    let Some(_turn) = beside_others() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &["--fault", "boot.never-ready", "--timeout", "2s"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let diagnosis = &run.summary()["diagnosis"];
    assert_eq!(diagnosis["code"], "boot.not-ready");
    let cause = diagnosis["cause"].as_str().unwrap();
    assert!(cause.contains("/.well-known/agent-card.json") && cause.contains("503"), "{cause}");
    assert_eq!(run.canaries("error").len(), 7, "each planned canary is listed");
    assert_eq!(leftovers(&run.id), [""; 0]);
}

#[test]
fn a_container_that_ends_at_once_is_reported_at_once_with_its_exit_code_and_last_lines() {
    let Some(_turn) = beside_others() else { return };
    let began = Instant::now();
    // without a command it prints its usage and ends with 2
    let (run, ended) = Run::to_the_end(COALMINE_IMAGE, &["--timeout", "60s"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let diagnosis = &run.summary()["diagnosis"];
    assert_eq!(diagnosis["code"], "boot.crashed");
    assert!(diagnosis["sentence"].as_str().unwrap().contains("exit code 2"), "{diagnosis}");
    let evidence = diagnosis["evidence"].to_string();
    assert!(evidence.contains("coalmine <COMMAND> --help") || evidence.contains("Exit codes:"), "{evidence}");
    assert_eq!(leftovers(&run.id), [""; 0]);
}

#[test]
fn an_absent_image_that_may_not_be_fetched_is_named() {
    let Some(_turn) = beside_others() else { return };
    let (run, ended) = Run::to_the_end("coalmine/absent:none", &[]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let diagnosis = &run.summary()["diagnosis"];
    assert_eq!(diagnosis["code"], "boot.image-missing");
    assert!(diagnosis["sentence"].as_str().unwrap().contains("coalmine/absent:none"), "{diagnosis}");
    assert_eq!(leftovers(&run.id), [""; 0]);
}
