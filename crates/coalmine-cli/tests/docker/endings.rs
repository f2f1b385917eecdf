//! However a run ends, nothing of it is left; and nothing else is touched.

use std::process::{Command, Stdio};

use crate::support::{COALMINE, Ended, REFERENCE, Run, alone, beside_others, docker, leftovers, until, wait};

/// A runtime that keeps a run waiting.
const WAITING: [&str; 4] = ["--fault", "boot.never-ready", "--timeout", "100s"];

#[test]
fn an_interrupt_at_any_moment_of_the_boot_leaves_nothing() {
    // alone: another run would sweep what this one leaves
    let Some(_turn) = alone() else { return };
    for moment in 0..24 {
        let mut run = Run::start(REFERENCE, &WAITING);
        while !run.has_begun() {
            std::thread::yield_now();
        }
        // the engine takes some milliseconds for an answer: the more questions, the later the moment
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
fn what_a_killed_run_left_is_cleaned_and_a_run_that_lives_keeps_its_own() {
    let Some(_turn) = alone() else { return };
    let (mut killed, mut live) = (Run::start(REFERENCE, &WAITING), Run::start(REFERENCE, &WAITING));
    for run in [&killed, &live] {
        until("a running container", &["ps", "--quiet", "--filter", &run.filter()]);
    }
    killed.signal("KILL");
    killed.wait();
    assert_eq!(leftovers(&killed.id).len(), 2, "a killed run can remove nothing");
    let lived = leftovers(&live.id);
    clean();
    assert_eq!(leftovers(&killed.id), [""; 0]);
    assert_eq!(leftovers(&live.id), lived, "nothing of a live run");
    live.signal("INT");
    assert_eq!(live.wait().code, Some(130));
    assert_eq!(leftovers(&live.id), [""; 0]);
}

#[test]
fn the_next_run_sweeps_what_a_killed_one_left() {
    let Some(_turn) = alone() else { return };
    let mut killed = Run::start(REFERENCE, &WAITING);
    until("a running container", &["ps", "--quiet", "--filter", &killed.filter()]);
    killed.signal("KILL");
    killed.wait();
    let (next, ended) = Run::to_the_end(REFERENCE, &["--canary", "agent-card"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(next.summary()["findings"].to_string().contains(&killed.id), "the sweep is told");
    assert_eq!(leftovers(&killed.id), [""; 0]);
}

#[test]
fn what_was_kept_stays_until_it_is_cleaned() {
    let Some(_turn) = alone() else { return };
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
fn a_runtime_that_dies_on_a_message_ends_the_run_with_its_last_lines() {
    let Some(_turn) = beside_others() else { return };
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
