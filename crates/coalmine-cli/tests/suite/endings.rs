//! The runtime ends, or coalmine is killed: what is said, and what is left.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::{CLASSICAL, COALMINE, Mourner, Place, Silence, codes, processes_of, slay, verdicts};

/// A command that serves the reference runtime after it said `loading 42 weights`; the sum tells what was said from the
/// command itself, which is shown too.
fn serving() -> String {
    format!("echo \"loading $((40 + 2)) weights\"; exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}")
}

#[tokio::test]
async fn a_runtime_killed_in_a_turn_is_told_with_the_signal_and_its_last_lines() {
    let (place, model, _after) = (Place::new(), Silence::new().await, Mourner("end-killed"));
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
    let live = place.start(&arguments);
    let _turn = model.call().await;
    let [runtime] = processes_of("end-killed").try_into().unwrap();
    slay(&runtime);
    let done = live.done().await;
    done.code(2);
    for said in ["boot.crashed", "signal 9", "in turn 1 of `name-recall`", "loading 42 weights"] {
        assert!(done.stderr.contains(said), "`{said}` is not said:\n{}", done.stderr);
    }
    let summary = place.summary();
    assert_eq!(codes(&summary), ["boot.crashed"; 6]);
    assert_eq!(verdicts(&summary)[0], ("agent-card".into(), "pass".into()));
    assert!(
        std::fs::read_to_string(place.path("out/runtime-tail.log")).unwrap().contains("loading 42 weights")
    );
    assert!(!place.owns("end-killed"));
}

#[tokio::test]
async fn a_runtime_that_exits_by_itself_in_a_turn_is_told_with_its_code_and_last_words() {
    let (place, model, _after) = (Place::new(), Silence::new().await, Mourner("end-exited"));
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
    let live = place.start(&arguments);
    let _turn = model.call().await;
    let all = processes_of("end-exited");
    let runtime = all.iter().find(|process| process.command.starts_with(COALMINE)).unwrap();
    slay(runtime);
    let done = live.done().await;
    done.code(2);
    for said in ["boot.crashed", "exit code 3", "out of 42 bytes"] {
        assert!(done.stderr.contains(said), "`{said}` is not said:\n{}", done.stderr);
    }
    assert_eq!(processes_of("end-exited"), []);
}

#[tokio::test]
async fn a_command_that_ends_at_once_is_told_at_once_with_its_code_and_last_line() {
    // often, because the end and the last line come on different ways
    for turn in 0..20 {
        let place = Place::new();
        let began = Instant::now();
        let done = place
            .run(&[
                "--cmd",
                "echo \"start $((40 + 2))\"; echo \"no configuration $((40 + 2))\" >&2; exit $((3 + 4))",
            ])
            .await;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        done.code(2);
        for said in ["boot.crashed", "exit code 7", "no configuration 42", "start 42"] {
            assert!(done.stderr.contains(said), "try {turn}: `{said}` is not said:\n{}", done.stderr);
        }
        assert_eq!(codes(&place.summary()), ["boot.crashed"; 7]);
    }
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_told_by_the_shell() {
    let place = Place::new();
    let began = Instant::now();
    let done = place.run(&["--cmd", "no-such-agent --port {port}"]).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    done.code(2);
    assert!(
        done.stderr.contains("exit code 127") && done.stderr.contains("no-such-agent"),
        "{}",
        done.stderr
    );
}

#[tokio::test]
async fn what_a_killed_run_left_is_removed_by_clean_and_nothing_else_is() {
    let (place, _first, _second) = (Place::new(), Mourner("end-dead"), Mourner("end-alive"));
    let (command, models) = (serving(), [Silence::new().await, Silence::new().await]);
    let start = |run, out, model: &Silence| {
        place.start(&[
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
    let cleaned = place.coalmine(&["clean"]).await;
    assert_eq!(cleaned.code(0).stdout, "removed run end-dead\n");
    assert_eq!(processes_of("end-dead"), []);
    assert!(!place.owns("end-dead"));
    assert_eq!(processes_of("end-alive"), others);
    assert!(place.owns("end-alive"));
    let again = place.coalmine(&["clean"]).await;
    assert_eq!(again.code(0).transcript(), "exit 0\n--- stderr\nnothing to remove\n");
    alive.signal(Signal::SIGINT);
    alive.done().await.code(130);
    assert_eq!(processes_of("end-alive"), []);
}

#[tokio::test]
async fn what_a_killed_run_left_is_removed_by_the_next_run_which_says_so() {
    let (place, model, _after) = (Place::new(), Silence::new().await, Mourner("end-before"));
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
    let dead = place.start(&arguments);
    let _turn = model.call().await;
    dead.signal(Signal::SIGKILL);
    dead.done().await;
    place.run(&[]).await.code(0);
    assert_eq!(processes_of("end-before"), []);
    let findings = place.summary()["findings"].clone();
    assert_eq!(findings[0]["code"], "run.swept");
    assert!(findings[0]["sentence"].as_str().unwrap().contains("end-before"), "{findings}");
}

#[tokio::test]
async fn an_embedded_runtime_ends_with_a_coalmine_that_is_killed() {
    let (place, model, _after) = (Place::new(), Silence::new().await, Mourner("end-orphan"));
    let live = place.start(&[
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
    live.signal(Signal::SIGKILL);
    live.done().await;
    crate::support::until("the runtime's end", || match processes_of("end-orphan") {
        left if left.is_empty() => Ok(()),
        left => Err(format!("{left:?}")),
    })
    .await;
}
