//! A mistake of coalmine itself ends the run in order: exit code 2, nothing left, one line that asks for a report.

use serde_json::Value;

use crate::support::{COALMINE, Child, KillOnDrop, Output, Sandbox, processes_of};

/// Runs a command with a mistake that debug builds make on purpose.
async fn run(sandbox: &Sandbox, run: &'static str, mistake: &str) -> Output {
    let _after = KillOnDrop(run);
    let command = format!("exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}");
    let arguments = ["run", "--out", "out", "--run-id", run, "--canary", "name-recall", "--cmd", &command];
    let mut command = sandbox.command(&arguments);
    let done =
        Child::new(command.env("COALMINE_SELF_TEST", mistake).env_remove("RUST_BACKTRACE")).done().await;
    assert_eq!(processes_of(run), []);
    assert!(!sandbox.owns(run));
    done
}

fn check(sandbox: &Sandbox, done: &Output, said: &str) {
    done.code(2);
    let lines: Vec<&str> = done.stderr.lines().filter(|line| line.contains("please report it")).collect();
    assert!(matches!(lines[..], [line] if line.contains("`out`")), "{}", done.stderr);
    assert!(done.stderr.contains(&format!("coalmine itself failed: {said}")), "{}", done.stderr);
    assert!(!done.stderr.contains("panicked at") && !done.stderr.contains("backtrace"), "{}", done.stderr);
    let summary = sandbox.summary();
    assert_eq!(summary["diagnosis"]["code"], "boot.internal-error");
    assert_eq!((&summary["verdict"], &summary["run"]["interrupted"]), (&"error".into(), &Value::Bool(false)));
}

#[tokio::test]
async fn panic_of_the_run_ends_it_in_order() {
    let sandbox = Sandbox::new();
    let done = run(&sandbox, "panic-run", "panic").await;
    check(&sandbox, &done, "on purpose, in the run (at ");
}

#[tokio::test]
async fn panic_beside_the_run_ends_it_in_order() {
    for (id, mistake, place) in
        [("panic-task", "panic-in-task", "in a task"), ("panic-thread", "panic-in-thread", "in a thread")]
    {
        let sandbox = Sandbox::new();
        let done = run(&sandbox, id, mistake).await;
        check(&sandbox, &done, &format!("on purpose, {place}"));
    }
}
