//! A folder of a test's own, and the binary started in it.

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
    process::{Child, Command},
};

use super::within;

/// The binary under test.
pub(crate) const COALMINE: &str = env!("CARGO_BIN_EXE_coalmine");

/// The four canaries and the diagnostics: enough for tests that are not about the others.
pub(crate) const CLASSICAL: &str = include_str!("../../classical-canaries.txt").trim_ascii();

/// Variables that would let the surroundings of the tests into what is tested.
const OUTSIDE: [&str; 14] = [
    "CANARY_RUN_ID",
    "CI",
    "CLICOLOR_FORCE",
    "COALMINE_FAULT",
    "COALMINE_STATE_DIR",
    "COLUMNS",
    "MOLECULE_CANARY_MODE",
    "MOLECULE_MEMORY_ROOT",
    "NO_COLOR",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "PLATFORM_URL",
    "WORKSPACE_ID",
];

/// Where a test's runs happen: what they write, and what they own, is theirs alone.
pub(crate) struct Place {
    folder: TempDir,
}

/// A command that came to its end.
pub(crate) struct Done {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A command that is still going on; it ends with the test.
pub(crate) struct Live {
    child: Child,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runtime")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The binary with arguments, in this place; no engine of the machine is found from here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(COALMINE);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_RUNTIME_DIR", self.path("runtime"))
            .env("DOCKER_HOST", "unix:///nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in OUTSIDE {
            command.env_remove(name);
        }
        command
    }

    /// Runs the binary to its end.
    pub(crate) async fn coalmine(&self, arguments: &[&str]) -> Done {
        self.start(arguments).done().await
    }

    /// `coalmine run --out out` and more.
    /// `coalmine run` with the four canaries and the diagnostics, unless the test names others.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Done {
        let named = arguments.iter().any(|word| matches!(*word, "--canary" | "--only" | "--canaries"));
        let few: &[&str] = if named { &[] } else { &["--canary", CLASSICAL] };
        self.coalmine(&[&["run", "--out", "out"], arguments, few].concat()).await
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Live {
        Live::new(&mut self.command(arguments))
    }

    /// `coalmine serve runtime` with variables, and where it listens.
    pub(crate) async fn serve_runtime(&self, variables: &[(&str, &str)]) -> (Live, String) {
        let mut command = self.command(&["serve", "runtime"]);
        command.env("COALMINE_STATE_DIR", self.path("state")).envs(variables.iter().copied());
        let mut live = Live::new(&mut command);
        let address = live.first_line().await;
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        (live, format!("http://{address}"))
    }

    /// The summary of the run that wrote to a folder below.
    pub(crate) fn summary_in(&self, out: &str) -> Value {
        read_json(&self.path(out).join("summary.json"))
    }

    pub(crate) fn summary(&self) -> Value {
        self.summary_in("out")
    }

    /// Whether a run of this place still has an entry in the ledger.
    pub(crate) fn owns(&self, run: &str) -> bool {
        self.path("runtime/coalmine").join(run).exists()
    }
}

impl Live {
    pub(crate) fn new(command: &mut Command) -> Self {
        Self { child: command.spawn().unwrap() }
    }

    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id().unwrap()).unwrap()
    }

    /// The first line on stdout: what `serve` tells first is its address.
    pub(crate) async fn first_line(&mut self) -> String {
        let mut line = String::new();
        let stdout = self.child.stdout.take().unwrap();
        within("a first line", BufReader::new(stdout).read_line(&mut line)).await.unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).unwrap();
    }

    /// Waits for the end, and tells the most memory it ever held, in KiB, as the kernel last said it.
    pub(crate) async fn done_with_peak(self) -> (Done, u64) {
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

    pub(crate) async fn done(self) -> Done {
        let output = within("the binary to end", self.child.wait_with_output()).await.unwrap();
        Done {
            status: output.status,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Done {
    /// The exit code, which must be this one.
    #[track_caller]
    pub(crate) fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.status.code(), Some(expected), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// All that it said.
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

/// The canaries of a summary with their verdicts.
pub(crate) fn verdicts(summary: &Value) -> Vec<(String, String)> {
    let text = |canary: &Value, key: &str| canary[key].as_str().unwrap().to_owned();
    let canaries = summary["canaries"].as_array().unwrap();
    canaries.iter().map(|canary| (text(canary, "id"), text(canary, "verdict"))).collect()
}

/// The canaries that are red.
pub(crate) fn red(summary: &Value) -> Vec<Value> {
    let canaries = summary["canaries"].as_array().unwrap();
    let is_red = |canary: &&Value| canary["verdict"] == "fail" || canary["verdict"] == "error";
    canaries.iter().filter(is_red).cloned().collect()
}

/// The diagnoses of the red canaries, in order.
pub(crate) fn codes(summary: &Value) -> Vec<String> {
    red(summary).iter().map(|canary| canary["diagnosis"]["code"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn read_json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An address that was free a moment ago.
pub(crate) fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
