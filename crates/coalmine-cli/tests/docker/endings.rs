//! However a run ends, it leaves nothing and touches nothing else.

use std::process::{Command, Stdio};

use crate::support::{
    COALMINE, Ended, REFERENCE, Run, docker, leftovers, own_engine, share_engine, until, wait,
};

/// Arguments for a runtime that never becomes ready.
const WAITING: [&str; 4] = ["--fault", "boot.never-ready", "--timeout", "100s"];

#[test]
fn interrupted_boot_leaves_nothing() {
    // exclusive, because another run would sweep what this one leaves
    let Some(_engine) = own_engine() else { return };
    for moment in 0..24 {
        let mut run = Run::start(REFERENCE, &WAITING);
        while !run.has_begun() {
            std::thread::yield_now();
        }
        // each question to the engine takes some milliseconds, so more questions mean a later moment
        for _ in 0..moment {
            docker(&["version"]);
        }
        run.signal("INT");
        let ended = run.wait();
        assert_eq!(ended.code, Some(130), "moment {moment}: {}", ended.stderr);
        assert_eq!(leftovers(&run.id), [""; 0], "after an interrupt at moment {moment}");
    }
}

#[test]
fn clean_removes_only_what_dead_runs_left() {
    let Some(_engine) = own_engine() else { return };
    let (mut killed, mut live) = (Run::start(REFERENCE, &WAITING), Run::start(REFERENCE, &WAITING));
    for run in [&killed, &live] {
        until("a running container", &["ps", "--quiet", "--filter", &run.filter()]);
    }
    killed.signal("KILL");
    killed.wait();
    assert_eq!(leftovers(&killed.id).len(), 2, "a killed run removes nothing");
    let lived = leftovers(&live.id);
    clean();
    assert_eq!(leftovers(&killed.id), [""; 0]);
    assert_eq!(leftovers(&live.id), lived, "a live run keeps everything");
    live.signal("INT");
    assert_eq!(live.wait().code, Some(130));
    assert_eq!(leftovers(&live.id), [""; 0]);
}

#[test]
fn next_run_sweeps_what_a_killed_run_left() {
    let Some(_engine) = own_engine() else { return };
    let mut killed = Run::start(REFERENCE, &WAITING);
    until("a running container", &["ps", "--quiet", "--filter", &killed.filter()]);
    killed.signal("KILL");
    killed.wait();
    let (next, ended) = Run::to_the_end(REFERENCE, &["--canary", "agent-card"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(next.summary()["findings"].to_string().contains(&killed.id), "the sweep is reported");
    assert_eq!(leftovers(&killed.id), [""; 0]);
}

#[test]
fn kept_container_stays_until_clean() {
    let Some(_engine) = own_engine() else { return };
    let (kept, ended) = Run::to_the_end(REFERENCE, &["--keep", "--canary", "agent-card"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("coalmine clean"), "{}", ended.stderr);
    let (_next, ended) = Run::to_the_end(REFERENCE, &["--canary", "agent-card"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(leftovers(&kept.id).len(), 2, "the next run does not sweep it");
    let running = docker(&["ps", "--quiet", "--filter", &kept.filter()]);
    assert!(!running.is_empty(), "it still runs");
    clean();
    assert_eq!(leftovers(&kept.id), [""; 0]);
}

#[test]
fn crash_on_a_message_ends_the_run() {
    let Some(_engine) = share_engine() else { return };
    let (run, ended) = Run::to_the_end(REFERENCE, &["--fault", "boot.crash-on-message"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(run.summary()["diagnosis"]["code"], "boot.crashed");
    assert_eq!(leftovers(&run.id), [""; 0]);
}

fn clean() -> Ended {
    let mut command = Command::new(COALMINE);
    command.arg("clean").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended
}
