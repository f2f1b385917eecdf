//! Containers that cannot be judged end the run with exit code 2 and the cause, and leave nothing.

use std::time::{Duration, Instant};

use crate::support::{COALMINE_IMAGE, REFERENCE, Run, leftovers, share_engine};

#[test]
fn unready_runtime_is_reported_with_the_last_answer() {
    let Some(_engine) = share_engine() else { return };
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
fn crashed_container_is_reported_with_exit_code_and_output() {
    let Some(_engine) = share_engine() else { return };
    let began = Instant::now();
    // without a command, the image prints its usage and exits with 2
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
fn missing_image_is_named() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end("coalmine/absent:none", &[]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let diagnosis = &run.summary()["diagnosis"];
    assert_eq!(diagnosis["code"], "boot.image-missing");
    assert!(diagnosis["sentence"].as_str().unwrap().contains("coalmine/absent:none"), "{diagnosis}");
    assert_eq!(leftovers(&run.id), [""; 0]);
}
