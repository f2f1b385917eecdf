//! A temporary folder for each test, and the binary that runs in it.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{self, Command},
};

use super::within;

/// The binary under test.
pub(crate) const COALMINE: &str = env!("CARGO_BIN_EXE_coalmine");

/// The four classical canaries and the diagnostics: enough for tests that are not about other canaries.
pub(crate) const CLASSICAL: &str = include_str!("../../classical-canaries.txt").trim_ascii();

/// Variables by which the environment of the tests would affect the binary.
const OUTER_VARIABLES: [&str; 22] = [
    "CANARY_RUN_ID",
    "CI",
    "CLICOLOR_FORCE",
    "COALMINE_FAULT",
    "COALMINE_NOW",
    "COALMINE_STATE_DIR",
    "COLUMNS",
    "GITEA_ACTIONS",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITLAB_CI",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "MOLECULE_CANARY_MODE",
    "MOLECULE_MEMORY_ROOT",
    "NO_COLOR",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "PLATFORM_URL",
    "WORKSPACE_ID",
];

/// A temporary folder that contains everything that the runs of a test write and own.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// The output of a finished command.
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running command, which is killed when the test ends.
pub(crate) struct Child {
    process: process::Child,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runtime")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Returns a command that runs the binary in this sandbox. It finds no container engine.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(COALMINE);
        command.args(arguments);
        self.confine(command)
    }

    /// Returns a command that runs a shell script in this sandbox.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        self.confine(command)
    }

    fn confine(&self, mut command: Command) -> Command {
        command
            .current_dir(self.folder.path())
            .env("XDG_RUNTIME_DIR", self.path("runtime"))
            .env("DOCKER_HOST", "unix:///nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in OUTER_VARIABLES {
            command.env_remove(name);
        }
        command
    }

    /// Runs the binary to its end.
    pub(crate) async fn coalmine(&self, arguments: &[&str]) -> Output {
        self.start(arguments).done().await
    }

    /// Runs `coalmine run --out out` with the classical canaries, unless the arguments select others. What an earlier run
    /// left in the folder is removed first.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let named = arguments.iter().any(|word| matches!(*word, "--canary" | "--only" | "--canaries"));
        let few: &[&str] = if named { &[] } else { &["--canary", CLASSICAL] };
        // most tests run once, and then there is no such folder
        let _ = std::fs::remove_dir_all(self.path("out"));
        self.coalmine(&[&["run", "--out", "out"], arguments, few].concat()).await
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        Child::new(&mut self.command(arguments))
    }

    /// Starts `coalmine serve runtime` with variables. Returns it and its URL.
    pub(crate) async fn serve_runtime(&self, variables: &[(&str, &str)]) -> (Child, String) {
        let mut command = self.command(&["serve", "runtime"]);
        command.env("COALMINE_STATE_DIR", self.path("state")).envs(variables.iter().copied());
        let mut child = Child::new(&mut command);
        let address = child.first_line().await;
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        (child, format!("http://{address}"))
    }

    /// Returns the summary of the run that wrote to a folder of the sandbox.
    pub(crate) fn summary_in(&self, out: &str) -> Value {
        read_json(&self.path(out).join("summary.json"))
    }

    pub(crate) fn summary(&self) -> Value {
        self.summary_in("out")
    }

    /// Returns whether a run of this sandbox still has an entry in the ledger.
    pub(crate) fn owns(&self, run: &str) -> bool {
        self.path("runtime/coalmine").join(run).exists()
    }
}

impl Child {
    pub(crate) fn new(command: &mut Command) -> Self {
        Self { process: command.spawn().unwrap() }
    }

    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.process.id().unwrap()).unwrap()
    }

    /// Returns the first line on stdout, which is the address for `serve`.
    pub(crate) async fn first_line(&mut self) -> String {
        let mut line = String::new();
        let stdout = self.process.stdout.take().unwrap();
        within("a first line", BufReader::new(stdout).read_line(&mut line)).await.unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).unwrap();
    }

    /// Waits for the end. Also returns the peak memory in KiB, as the kernel reported it last.
    pub(crate) async fn done_with_peak(self) -> (Output, u64) {
        let status = format!("/proc/{}/status", self.pid());
        let mut peak = 0;
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(2));
        let mut done = std::pin::pin!(self.done());
        loop {
            tokio::select! {
                done = &mut done => return (done, peak),
                _ = ticks.tick() => peak = peak.max(high_water(&status).unwrap_or_default()),
            }
        }
    }

    pub(crate) async fn done(self) -> Output {
        let output = within("the binary to end", self.process.wait_with_output()).await.unwrap();
        Output {
            status: output.status,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Output {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.status.code(), Some(expected), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Returns the exit code and everything that was printed.
    pub(crate) fn transcript(&self) -> String {
        let mut text = format!("exit {}\n", self.status.code().unwrap());
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.is_empty() {
                text.push_str(&format!("--- {name}\n{stream}"));
            }
        }
        text
    }
}

fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Returns the canaries of a summary with their verdicts.
pub(crate) fn verdicts(summary: &Value) -> Vec<(String, String)> {
    let text = |canary: &Value, key: &str| canary[key].as_str().unwrap().to_owned();
    let canaries = summary["canaries"].as_array().unwrap();
    canaries.iter().map(|canary| (text(canary, "id"), text(canary, "verdict"))).collect()
}

/// Returns the canaries that failed or could not be judged.
pub(crate) fn red(summary: &Value) -> Vec<Value> {
    let canaries = summary["canaries"].as_array().unwrap();
    let is_red = |canary: &&Value| canary["verdict"] == "fail" || canary["verdict"] == "error";
    canaries.iter().filter(is_red).cloned().collect()
}

/// Returns the codes of these canaries, in order.
pub(crate) fn codes(summary: &Value) -> Vec<String> {
    red(summary).iter().map(|canary| canary["diagnosis"]["code"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn read_json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns an address that was free a moment ago.
pub(crate) fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
