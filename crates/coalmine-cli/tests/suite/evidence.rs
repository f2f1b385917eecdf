//! Without evidence nothing is green.

use crate::support::{COALMINE, Child, Output, Sandbox};

/// Runs a canary while no file may grow beyond some blocks of 512 bytes, as on a disk that is full.
async fn run_within(sandbox: &Sandbox, blocks: u32, more: &str) -> Output {
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec {COALMINE} run --out out --canary name-recall agent-card {more}"
    );
    let mut command = sandbox.command(&[]);
    let mut shell = tokio::process::Command::new("sh");
    let std = command.as_std_mut();
    shell.arg("-c").arg(script).current_dir(std.get_current_dir().unwrap()).env_clear().kill_on_drop(true);
    shell.envs(std::env::vars().filter(|(name, _)| name == "PATH" || name == "HOME"));
    shell.envs(std.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.stdin(std::process::Stdio::null());
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Child::new(&mut shell).done().await
}

#[tokio::test]
async fn run_without_its_reports_is_not_green() {
    let sandbox = Sandbox::new();
    let done = run_within(&sandbox, 4, "").await;
    done.code(2);
    for name in ["events.ndjson", "summary.json"] {
        assert!(done.stderr.contains(&format!("the report `{name}` is incomplete")), "{}", done.stderr);
    }
    assert!(done.stderr.contains("2 passed"), "the canaries themselves passed: {}", done.stderr);
    assert!(!sandbox.path("out/summary.json").exists());
}

#[tokio::test]
async fn failed_canary_stays_a_failure() {
    let sandbox = Sandbox::new();
    let done = run_within(&sandbox, 4, "--json --fault prompt.history-dropped").await;
    done.code(1);
    assert!(done.stderr.contains("is incomplete") && done.stdout.is_empty(), "{}", done.stderr);
}

#[tokio::test]
async fn summary_that_cannot_be_printed_is_not_green() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["run", "--out", "out", "--canary", "name-recall", "--json"]);
    command.stdout(std::fs::File::create("/dev/full").unwrap());
    let done = Child::new(&mut command).done().await;
    assert!(done.code(2).stderr.contains("could not print `summary.json`"), "{}", done.stderr);
}

#[tokio::test]
async fn log_that_cannot_be_written_is_a_finding() {
    let sandbox = Sandbox::new();
    let command = format!("seq 1 20000; exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}");
    let done = run_within(&sandbox, 100, &format!("--cmd '{command}'")).await;
    done.code(0);
    let findings = sandbox.summary()["findings"].clone();
    assert_eq!(findings[0]["code"], "artifact.incomplete", "{findings}");
}
