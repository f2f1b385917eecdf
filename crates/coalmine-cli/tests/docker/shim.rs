//! `local-e2e/scripts/run-canary.sh`

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::support::{COALMINE, Ended, REFERENCE, ROOT, leftovers, share_engine, wait};

/// Runs the script. Its artifacts are deleted when the guard is dropped.
fn run_canary(id: &str, variables: &[(&str, &str)], arguments: &[&str]) -> (Artifacts, Ended) {
    let id = format!("test-shim-{id}-{}", std::process::id());
    let artifacts = Artifacts(PathBuf::from(format!("{ROOT}/local-e2e/artifacts/{id}")));
    let mut script = Command::new(format!("{ROOT}/local-e2e/scripts/run-canary.sh"));
    script.args(arguments).env("COALMINE", COALMINE).env("CANARY_RUN_ID", &id);
    for name in ["TEMPLATE_IMAGE", "RUNTIME_PORT", "KEEP_RUNNING"] {
        script.env_remove(name);
    }
    script.envs(variables.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let ended = wait(script.spawn().unwrap());
    assert_eq!(leftovers(&id), [""; 0]);
    (artifacts, ended)
}

struct Artifacts(PathBuf);

impl Drop for Artifacts {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn prints_usage_without_an_image() {
    let (_artifacts, ended) = run_canary("usage", &[], &[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.starts_with("usage: TEMPLATE_IMAGE=<image>"), "{}", ended.stderr);
}

#[test]
fn working_image_exits_0_and_leaves_reports() {
    let Some(_engine) = share_engine() else { return };
    let (artifacts, ended) = run_canary("green", &[("TEMPLATE_IMAGE", REFERENCE)], &["--quiet"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for name in ["summary.json", "junit.xml", "events.ndjson", "runtime.log"] {
        assert!(artifacts.0.join(name).exists(), "{name}");
    }
}

#[test]
fn broken_image_exits_1_and_leaves_evidence() {
    let Some(_engine) = share_engine() else { return };
    let image = [("TEMPLATE_IMAGE", REFERENCE)];
    let (artifacts, ended) = run_canary("red", &image, &["--fault", "session.global"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for name in ["runtime-tail.log", "session-store", "junit.xml"] {
        assert!(artifacts.0.join(name).exists(), "{name}");
    }
}

#[test]
fn missing_image_exits_2() {
    let Some(_engine) = share_engine() else { return };
    let (_artifacts, ended) =
        run_canary("absent", &[("TEMPLATE_IMAGE", "coalmine/absent:none")], &["--pull", "never"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
}

#[test]
fn port_in_the_container_can_be_set() {
    let Some(_engine) = share_engine() else { return };
    let variables = [("TEMPLATE_IMAGE", REFERENCE), ("RUNTIME_PORT", "9")];
    let (_artifacts, ended) = run_canary("port", &variables, &["--timeout", "500ms"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains(":9/.well-known/agent-card.json"), "{}", ended.stderr);
}
