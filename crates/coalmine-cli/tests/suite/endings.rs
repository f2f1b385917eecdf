//! What is reported and what is left when the runtime ends, or when coalmine is killed.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::{
    CLASSICAL, COALMINE, HangingModel, KillOnDrop, Sandbox, codes, kill, processes_of, verdicts,
};

/// Returns a command that prints `loading 42 weights` and serves the reference runtime. The command itself is
/// shown too, and the sum distinguishes what it prints.
fn serving() -> String {
    format!("echo \"loading $((40 + 2)) weights\"; exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}")
}

#[tokio::test]
async fn killed_runtime_is_reported_with_signal_and_output() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("end-killed"));
    let command = serving();
    let arguments = [
        "run",
        "--out",
        "out",
        "--canary",
        CLASSICAL,
        "--run-id",
        "end-killed",
        "--cmd",
        &command,
        "--env",
        &model.variable,
    ];
    let child = sandbox.start(&arguments);
    let _turn = model.call().await;
    let [runtime] = processes_of("end-killed").try_into().unwrap();
    kill(&runtime);
    let done = child.done().await;
    done.code(2);
    for text in ["boot.crashed", "signal 9", "in turn 1 of `name-recall`", "loading 42 weights"] {
        assert!(done.stderr.contains(text), "`{text}` is missing in:\n{}", done.stderr);
    }
    let summary = sandbox.summary();
    assert_eq!(codes(&summary), ["boot.crashed"; 6]);
    assert_eq!(verdicts(&summary)[0], ("agent-card".into(), "pass".into()));
    assert!(
        std::fs::read_to_string(sandbox.path("out/runtime-tail.log")).unwrap().contains("loading 42 weights")
    );
    assert!(!sandbox.owns("end-killed"));
}

#[tokio::test]
async fn exited_runtime_is_reported_with_exit_code_and_output() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("end-exited"));
    let command = format!(
        "{COALMINE} serve runtime --listen 127.0.0.1:{{port}}; echo \"out of $((40 + 2)) bytes\" >&2; exit 3"
    );
    let arguments = [
        "run",
        "--out",
        "out",
        "--canary",
        CLASSICAL,
        "--run-id",
        "end-exited",
        "--cmd",
        &command,
        "--env",
        &model.variable,
    ];
    let child = sandbox.start(&arguments);
    let _turn = model.call().await;
    let all = processes_of("end-exited");
    let runtime = all.iter().find(|process| process.command.starts_with(COALMINE)).unwrap();
    kill(runtime);
    let done = child.done().await;
    done.code(2);
    for text in ["boot.crashed", "exit code 3", "out of 42 bytes"] {
        assert!(done.stderr.contains(text), "`{text}` is missing in:\n{}", done.stderr);
    }
    assert_eq!(processes_of("end-exited"), []);
}

#[tokio::test]
async fn command_that_exits_is_reported_with_exit_code_and_output() {
    // several times, because the exit and the last line arrive independently
    for turn in 0..20 {
        let sandbox = Sandbox::new();
        let began = Instant::now();
        let done = sandbox
            .run(&[
                "--cmd",
                "echo \"start $((40 + 2))\"; echo \"no configuration $((40 + 2))\" >&2; exit $((3 + 4))",
            ])
            .await;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        done.code(2);
        for text in ["boot.crashed", "exit code 7", "no configuration 42", "start 42"] {
            assert!(done.stderr.contains(text), "try {turn}: `{text}` is missing in:\n{}", done.stderr);
        }
        assert_eq!(codes(&sandbox.summary()), ["boot.crashed"; 7]);
    }
}

#[tokio::test]
async fn missing_command_is_reported_with_the_shells_message() {
    let sandbox = Sandbox::new();
    let began = Instant::now();
    let done = sandbox.run(&["--cmd", "no-such-agent --port {port}"]).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    done.code(2);
    assert!(
        done.stderr.contains("exit code 127") && done.stderr.contains("no-such-agent"),
        "{}",
        done.stderr
    );
}

#[tokio::test]
async fn clean_removes_only_what_a_killed_run_left() {
    let (sandbox, _first, _second) = (Sandbox::new(), KillOnDrop("end-dead"), KillOnDrop("end-alive"));
    let (command, models) = (serving(), [HangingModel::new().await, HangingModel::new().await]);
    let start = |run, out, model: &HangingModel| {
        sandbox.start(&[
            "run",
            "--out",
            out,
            "--canary",
            CLASSICAL,
            "--run-id",
            run,
            "--cmd",
            &command,
            "--env",
            &model.variable,
        ])
    };
    let dead = start("end-dead", "dead", &models[0]);
    let alive = start("end-alive", "alive", &models[1]);
    let _turns = (models[0].call().await, models[1].call().await);
    dead.signal(Signal::SIGKILL);
    dead.done().await;
    let left = processes_of("end-dead");
    assert_eq!(left.len(), 1, "a command outlives a coalmine that is killed");
    let others = processes_of("end-alive");
    assert!(!others.is_empty());
    let cleaned = sandbox.coalmine(&["clean"]).await;
    assert_eq!(cleaned.code(0).stdout, "removed run end-dead\n");
    assert_eq!(processes_of("end-dead"), []);
    assert!(!sandbox.owns("end-dead"));
    assert_eq!(processes_of("end-alive"), others);
    assert!(sandbox.owns("end-alive"));
    let again = sandbox.coalmine(&["clean"]).await;
    assert_eq!(again.code(0).transcript(), "exit 0\n--- stderr\nnothing to remove\n");
    alive.signal(Signal::SIGINT);
    alive.done().await.code(130);
    assert_eq!(processes_of("end-alive"), []);
}

#[tokio::test]
async fn next_run_removes_and_reports_what_a_killed_run_left() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("end-before"));
    let command = serving();
    let arguments = [
        "run",
        "--out",
        "dead",
        "--canary",
        CLASSICAL,
        "--run-id",
        "end-before",
        "--cmd",
        &command,
        "--env",
        &model.variable,
    ];
    let dead = sandbox.start(&arguments);
    let _turn = model.call().await;
    dead.signal(Signal::SIGKILL);
    dead.done().await;
    sandbox.run(&[]).await.code(0);
    assert_eq!(processes_of("end-before"), []);
    let findings = sandbox.summary()["findings"].clone();
    assert_eq!(findings[0]["code"], "run.swept");
    assert!(findings[0]["sentence"].as_str().unwrap().contains("end-before"), "{findings}");
}

#[tokio::test]
async fn embedded_runtime_ends_with_a_killed_coalmine() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("end-orphan"));
    let child = sandbox.start(&[
        "run",
        "--out",
        "out",
        "--canary",
        CLASSICAL,
        "--run-id",
        "end-orphan",
        "--env",
        &model.variable,
    ]);
    let _turn = model.call().await;
    assert_eq!(processes_of("end-orphan").len(), 1);
    child.signal(Signal::SIGKILL);
    child.done().await;
    crate::support::until("the runtime's end", || match processes_of("end-orphan") {
        left if left.is_empty() => Ok(()),
        left => Err(format!("{left:?}")),
    })
    .await;
}
