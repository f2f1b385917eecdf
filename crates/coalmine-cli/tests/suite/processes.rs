//! What a local command is given, and what is left of it.

use std::{
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid},
};

use crate::support::{COALMINE, Child, HangingModel, KillOnDrop, Sandbox, codes, until, within};

/// Returns a command that does something first and then serves the reference runtime.
fn after(first: &str) -> String {
    format!("{first}; exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}")
}

/// Returns a command that starts a process which leaves its group, its session and its parent, and writes down its id.
fn daemon(environment: &str) -> String {
    let sleep = format!("{environment} sh -c 'echo $$; exec sleep 1000'");
    let left = format!("(setsid {sleep} >daemon.part 2>/dev/null </dev/null &)");
    after(&format!("{left}; while [ ! -s daemon.part ]; do sleep 0.01; done; mv daemon.part daemon"))
}

fn pid_in(file: &Path) -> Option<i32> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[tokio::test]
async fn only_named_variables_are_inherited() {
    let sandbox = Sandbox::new();
    let print = after("env >variables");
    let mut command = sandbox.command(&["run", "--out", "out", "--canary", "name-recall", "--cmd", &print]);
    command.args(["--env", "DATABASE_URL", "-e", "OWN=1"]);
    for name in ["DATABASE_URL", "GITHUB_ENV", "GITHUB_PATH", "SSH_AUTH_SOCK", "VAULT_PASS", "LC_TIME"] {
        command.env(name, "of-the-caller");
    }
    Child::new(&mut command).done().await.code(0);
    let variables = std::fs::read_to_string(sandbox.path("variables")).unwrap();
    let mut inherited: Vec<&str> =
        variables.lines().filter_map(|line| line.strip_suffix("=of-the-caller")).collect();
    inherited.sort_unstable();
    assert_eq!(inherited, ["DATABASE_URL", "LC_TIME"]);
    assert!(variables.contains("\nOWN=1\n") && variables.contains("PATH="), "{variables}");
}

#[tokio::test]
async fn variable_that_is_not_set_cannot_be_passed_on() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["--cmd", "true", "--env", "COALMINE_TEST_UNSET"]).await;
    assert!(done.code(2).stderr.contains("it is not set here"), "{}", done.stderr);
}

#[tokio::test]
async fn crash_hints_at_the_environment() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["--cmd", "exit 3"]).await;
    assert!(done.code(2).stderr.contains("`--env NAME`"), "{}", done.stderr);
}

#[tokio::test]
async fn daemons_are_ended_with_the_run() {
    // the second one has thrown its mark away
    for environment in ["", "env -i"] {
        let sandbox = Sandbox::new();
        sandbox.run(&["--canary", "restart-recall", "--cmd", &daemon(environment)]).await.code(0);
        let pid = pid_in(&sandbox.path("daemon")).unwrap();
        assert!(!is_running(pid), "{environment}");
    }
}

#[tokio::test]
async fn daemons_of_a_killed_run_are_swept() {
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("daemon-killed"));
    let command = daemon("");
    let arguments = ["run", "--out", "out", "--canary", "name-recall", "--run-id", "daemon-killed"];
    let child = sandbox.start(&[&arguments[..], &["--cmd", &command, "--env", &model.variable]].concat());
    let _turn = model.call().await;
    let pid = pid_in(&sandbox.path("daemon")).unwrap();
    child.signal(Signal::SIGKILL);
    child.done().await;
    assert!(is_running(pid));
    assert_eq!(sandbox.coalmine(&["clean"]).await.code(0).stdout, "removed run daemon-killed\n");
    assert!(!is_running(pid));
}

#[tokio::test]
async fn processes_of_others_are_left_alone() {
    let sandbox = Sandbox::new();
    let run = format!("{COALMINE} run --out out --canary name-recall --cmd \"$COMMAND\"");
    // a child that coalmine did not start, and one that carries the id of the run
    let script = format!(
        "sleep 1000 >other 2>&1 & echo $! >other; export COALMINE_RUN_ID=shared; exec {run} --run-id shared"
    );
    let mut shell = sandbox.shell(&script);
    Child::new(shell.env("COMMAND", daemon(""))).done().await.code(0);
    let other = pid_in(&sandbox.path("other")).unwrap();
    assert!(is_running(other));
    kill(Pid::from_raw(other), Signal::SIGKILL).unwrap();
    assert!(!is_running(pid_in(&sandbox.path("daemon")).unwrap()));
}

#[tokio::test]
async fn runtime_cannot_read_the_environment_of_coalmine() {
    let sandbox = Sandbox::new();
    let command = after("cat /proc/$PPID/environ >stolen 2>refused");
    let mut run = sandbox.command(&["run", "--out", "out", "--canary", "agent-card", "--cmd", &command]);
    run.env("GITHUB_TOKEN", "secret-of-the-caller");
    if Uid::effective().is_root() {
        // root may read everything: the run is that of another user
        for folder in ["", "runtime"] {
            chown(sandbox.path(folder), Some(65534), Some(65534)).unwrap();
        }
        run.uid(65534).gid(65534);
        let readable = std::fs::metadata(COALMINE).unwrap().permissions().mode() & 0o005 == 0o005;
        assert!(readable, "{COALMINE} must be executable for others");
    }
    let Ok(spawned) = run.spawn() else {
        eprintln!("SKIPPED: another user cannot run {COALMINE}");
        return;
    };
    let done = within("the run", spawned.wait_with_output()).await.unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let stolen = std::fs::read_to_string(sandbox.path("stolen")).unwrap();
    assert!(!stolen.contains("secret-of-the-caller"), "{stolen}");
    let refused = std::fs::read_to_string(sandbox.path("refused")).unwrap();
    assert!(refused.contains("ermission denied"), "{refused}");
}

/// Returns whether bubblewrap is installed and may make a sandbox here.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn has_bubblewrap() -> bool {
    let mut bwrap = std::process::Command::new("bwrap");
    bwrap.args(["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"]);
    let works = bwrap.output().is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("SKIPPED: bubblewrap is not installed, or may not make namespaces here");
    }
    works
}

#[tokio::test]
async fn sandbox_has_namespaces_of_its_own() {
    if !has_bubblewrap() {
        return;
    }
    let sandbox = Sandbox::new();
    let look = "(echo pid $$; touch escaped && echo wrote; touch \"$COALMINE_STATE_DIR/own\" && echo kept; \
                ls /run/docker.sock; kill -STOP $PPID; ls /tmp) 2>/dev/null";
    let canaries = ["--canary", "name-recall", "restart-recall", "kill-recall", "memory-root"];
    let command = after(look);
    let sandboxed = ["--sandbox", "--profile", "reference", "--cmd", &command];
    sandbox.run(&[&canaries[..], &sandboxed].concat()).await.code(0);
    let log = std::fs::read_to_string(sandbox.path("out/runtime.log"));
    assert!(log.is_err() || !log.unwrap().contains("wrote"));
    assert!(!sandbox.path("escaped").exists());
    // what it printed is kept if the run is not green
    let failing = ["--canary", "name-recall", "--sandbox", "--cmd", &format!("{look}; exit 3")];
    sandbox.run(&failing).await.code(2);
    assert_eq!(codes(&sandbox.summary()), ["boot.crashed"]);
    let log = std::fs::read_to_string(sandbox.path("out/runtime.log")).unwrap();
    assert!(log.starts_with("pid 2\nkept\n") && !log.contains("docker.sock"), "{log}");
}

#[tokio::test]
async fn interrupt_ends_what_is_in_the_sandbox() {
    if !has_bubblewrap() {
        return;
    }
    let (sandbox, model, _after) = (Sandbox::new(), HangingModel::new().await, KillOnDrop("int-sandbox"));
    let command = daemon("");
    let arguments =
        ["run", "--out", "out", "--canary", "name-recall", "--run-id", "int-sandbox", "--sandbox"];
    let folder =
        ["--cmd", &command.replace("daemon", "$COALMINE_STATE_DIR/daemon"), "--env", &model.variable];
    let child = sandbox.start(&[&arguments[..], &folder].concat());
    let _turn = model.call().await;
    assert!(crate::support::processes_of("int-sandbox").len() >= 3);
    child.signal(Signal::SIGINT);
    child.done().await.code(130);
    until("the end of what was in the sandbox", || match crate::support::processes_of("int-sandbox") {
        left if left.is_empty() => Ok(()),
        left => Err(format!("{left:?}")),
    })
    .await;
}

#[tokio::test]
async fn missing_sandbox_is_an_error() {
    let sandbox = Sandbox::new();
    let mut run =
        sandbox.command(&["run", "--out", "out", "--canary", "name-recall", "--sandbox", "--cmd", "true"]);
    let done = Child::new(run.env("PATH", "/nonexistent")).done().await;
    for text in ["could not start the sandbox: `bwrap` is not installed", "install bubblewrap"] {
        assert!(done.code(2).stderr.contains(text), "{}", done.stderr);
    }
    let done = sandbox.run(&["--sandbox"]).await;
    assert!(done.code(2).stderr.contains("`--sandbox` is for a local command"), "{}", done.stderr);
}
