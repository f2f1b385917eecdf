//! An interrupt at any moment gives exit code 130 and a complete summary, and leaves nothing running.

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::support::{
    CLASSICAL, COALMINE, Child, HangingModel, KillOnDrop, Output, Sandbox, processes_of, until,
};

/// Asserts what must hold after every interrupt, and returns the summary.
fn check(sandbox: &Sandbox, run: &str, done: &Output) -> Value {
    done.code(130);
    assert_eq!(processes_of(run), []);
    assert!(!sandbox.owns(run), "the ledger still knows {run}");
    let summary = sandbox.summary();
    assert_eq!((&summary["run"]["interrupted"], &summary["run"]["complete"]), (&true.into(), &true.into()));
    assert_ne!(summary["verdict"], "pass");
    summary
}

fn start(sandbox: &Sandbox, run: &str, more: &[&str]) -> Child {
    sandbox.start(&[&["run", "--out", "out", "--canary", CLASSICAL, "--run-id", run], more].concat())
}

#[tokio::test]
async fn interrupts_a_turn_of_an_embedded_runtime() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("int-embedded"));
    let child = start(&sandbox, "int-embedded", &["--env", &model.variable]);
    let _turn = model.call().await;
    let runtime = processes_of("int-embedded");
    assert_eq!(runtime.len(), 1);
    assert!(sandbox.owns("int-embedded"));
    // what this process does with signals is not inherited: the runtime gets the ones that it is sent
    let status = std::fs::read_to_string(format!("/proc/{}/status", runtime[0].pid)).unwrap();
    assert!(status.contains("\nSigBlk:\t0000000000000000\n"), "{status}");
    child.signal(Signal::SIGINT);
    let summary = check(&sandbox, "int-embedded", &child.done().await);
    // verdicts from before the interrupt stay, and the other canaries are listed
    assert_eq!(summary["canaries"][0]["verdict"], "pass");
    assert_eq!(summary["canaries"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn interrupts_a_turn_of_a_command_with_children() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("int-command"));
    let command =
        format!("tail -f /dev/null & {COALMINE} serve runtime --listen 127.0.0.1:{{port}}; echo over");
    let child = start(&sandbox, "int-command", &["--cmd", &command, "--env", &model.variable]);
    let _turn = model.call().await;
    assert_eq!(processes_of("int-command").len(), 3, "{:?}", processes_of("int-command"));
    child.signal(Signal::SIGINT);
    check(&sandbox, "int-command", &child.done().await);
}

#[tokio::test]
async fn interrupts_the_boot_of_a_command_that_ignores_signals() {
    let (sandbox, _after) = (Sandbox::new(), KillOnDrop("int-deaf"));
    let command = "trap '' TERM INT HUP; tail -f /dev/null & while :; do wait; done";
    let child = start(&sandbox, "int-deaf", &["--cmd", command]);
    until("the command and its child", || {
        let found = processes_of("int-deaf");
        if found.len() == 2 { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
    child.signal(Signal::SIGINT);
    check(&sandbox, "int-deaf", &child.done().await);
}

#[tokio::test]
async fn sigterm_and_sighup_end_a_run_too() {
    for (run, signal) in [("int-term", Signal::SIGTERM), ("int-hup", Signal::SIGHUP)] {
        let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop(run));
        let child = start(&sandbox, run, &["--env", &model.variable]);
        let _turn = model.call().await;
        child.signal(signal);
        check(&sandbox, run, &child.done().await);
    }
}

#[tokio::test]
async fn interrupt_that_comes_twice_at_once_leaves_nothing() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("int-twice"));
    let command =
        format!("trap '' TERM; {COALMINE} serve runtime --listen 127.0.0.1:{{port}}; tail -f /dev/null");
    let child = start(&sandbox, "int-twice", &["--cmd", &command, "--env", &model.variable]);
    let _turn = model.call().await;
    child.signal(Signal::SIGINT);
    child.signal(Signal::SIGINT);
    check(&sandbox, "int-twice", &child.done().await);
}

#[tokio::test]
async fn second_interrupt_ends_a_run_that_hangs() {
    let (sandbox, _after) = (Sandbox::new(), KillOnDrop("int-hangs"));
    let arguments = ["run", "--out", "out", "--run-id", "int-hangs", "--canary", "name-recall"];
    // debug builds block the thread of the run on purpose
    let child = Child::new(sandbox.command(&arguments).env("COALMINE_SELF_TEST", "block"));
    until("the run to hang", || {
        let events = std::fs::read_to_string(sandbox.path("out/events.ndjson")).unwrap_or_default();
        if events.contains("about to block") { Ok(()) } else { Err(events) }
    })
    .await;
    let pid = Pid::from_raw(child.pid());
    let mut done = std::pin::pin!(child.done());
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(200));
    let mut sent = 0;
    let done = loop {
        tokio::select! {
            done = &mut done => break done,
            _ = ticks.tick() => {
                sent += 1;
                kill(pid, Signal::SIGINT).unwrap();
            }
        }
    };
    done.code(130);
    assert!((2..5).contains(&sent), "{sent} signals");
}
