//! `local-e2e/docker-compose.yml`

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::support::{Ended, ROOT, share_engine, wait};

/// A Compose project, which is taken down when it is dropped.
struct Compose {
    program: &'static [&'static str],
    project: String,
}

impl Compose {
    /// Uses `docker compose`, or else `docker-compose`. Returns `None` if there is neither.
    fn new(name: &str) -> Option<Self> {
        let programs: [&[&str]; 2] = [&["docker", "compose"], &["docker-compose"]];
        let works = |program: &&&[&str]| {
            let asked = Command::new(program[0]).args(&program[1..]).arg("version").output();
            asked.is_ok_and(|answer| answer.status.success())
        };
        let program = programs.iter().find(works).copied();
        if program.is_none() {
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci.is_empty()),
                "Compose is missing, and CI needs it"
            );
            let _ = writeln!(std::io::stderr(), "SKIPPED {name}: Compose is missing");
        }
        Some(Self { program: program?, project: format!("coalmine-test-{name}-{}", std::process::id()) })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program[0]);
        command
            .args(&self.program[1..])
            .args(["--file", &format!("{ROOT}/local-e2e/docker-compose.yml")])
            .args(["--project-name", &self.project])
            .args(arguments)
            .env_remove("TEMPLATE_IMAGE")
            .env_remove("CANARY_RUN_ID")
            .env_remove("RUNTIME_PORT")
            .stdin(Stdio::null())
            // the services print to stdout, the client to stderr
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    fn up(&self, fault: &str) -> Ended {
        let mut up = self.command(&["up", "--exit-code-from", "cp_sim"]);
        wait(up.env("COALMINE_FAULT", fault).spawn().unwrap())
    }
}

impl Drop for Compose {
    fn drop(&mut self) {
        let _ = self.command(&["down", "--volumes", "--timeout", "2"]).output();
    }
}

#[test]
fn exit_code_of_compose_is_the_verdict() {
    let Some(_engine) = share_engine() else { return };
    for (name, fault, code) in [("green", "", 0), ("red", "session.global", 1)] {
        let Some(compose) = Compose::new(name) else { return };
        let ended = compose.up(fault);
        assert_eq!(ended.code, Some(code), "{name}: {}", ended.stderr);
    }
}
