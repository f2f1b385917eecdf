//! A local process, in a process group of its own that ends with the process.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use futures_util::future::join_all;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::task::TaskTracker;
use url::Url;

use super::{ProcessSpec, paths::RealPaths, sandbox::Sandbox};
use crate::{
    deploy::{
        Exit, Folders, HostEnvironment, LogTail, Placeholders, TargetError,
        ledger::Entry,
        processes::{self, Family, MARK},
    },
    plan::Profile,
    untrusted::on_disk,
};

/// How long the last output of an ended process may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How long a process may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);

/// How long files may still be written after an interrupt.
const STILL_WRITING: Duration = Duration::from_secs(10);

/// The most bytes of the line with the address.
const MAX_ADDRESS_LINE: u64 = 200;

/// A process that was prepared or started.
#[derive(Debug)]
pub struct Process {
    spec: ProcessSpec,
    pub(super) host: HostEnvironment,
    pub(super) entry: Entry,
    pub(super) paths: RealPaths,
    log: LogTail,
    address: Option<SocketAddr>,
    /// Whether the runtime ran already, and may have changed its disk.
    started: bool,
    group: Option<Pid>,
    /// The write end of the input, held open: the embedded runtime ends when this end is closed, for whatever
    /// reason.
    stdin: Option<ChildStdin>,
    exit: watch::Sender<Option<Exit>>,
    /// What is being written to the disk, even if nobody waits for it any more: an interrupt must not leave it.
    pub(super) writing: TaskTracker,
}

impl Process {
    /// Makes the run's entry in the ledger; starts nothing yet.
    pub(in crate::deploy) fn prepare(
        spec: &ProcessSpec,
        run: &str,
        host: &HostEnvironment,
        log: LogTail,
    ) -> Result<Self, TargetError> {
        let entry = Entry::create(&host.ledger_folder(), run)?;
        Ok(Self {
            spec: spec.clone(),
            host: host.clone(),
            entry,
            paths: RealPaths::default(),
            log,
            address: None,
            started: false,
            group: None,
            stdin: None,
            exit: watch::Sender::new(None),
            writing: TaskTracker::new(),
        })
    }

    pub(in crate::deploy) fn folders(&self) -> Folders {
        let state = self.entry.state();
        Folders { state: state.to_string(), memory: state.join("memory").into_string() }
    }

    pub(in crate::deploy) fn base_url(&self) -> Option<Url> {
        Url::parse(&format!("http://{}/", self.address?)).ok()
    }

    pub(in crate::deploy) fn exited(&self) -> watch::Receiver<Option<Exit>> {
        self.exit.subscribe()
    }

    /// Starts the process, at the same address again after a restart.
    pub(in crate::deploy) async fn start(
        &mut self,
        profile: &Profile,
        fill: &Placeholders,
    ) -> Result<(), TargetError> {
        let mut fill = fill.clone();
        if matches!(self.spec, ProcessSpec::Shell { .. }) {
            fill.port = self.reserve_port()?;
        }
        if !self.started {
            self.note_paths(profile, &fill);
        }
        self.started = true;
        self.write_files(profile, &fill).await?;
        let sandbox = self.sandbox();
        if let Some(sandbox) = &sandbox {
            sandbox.check(&self.host).await?;
        }
        let spawned = self.command(&fill, profile, sandbox.as_ref()).spawn();
        let mut child = spawned.map_err(|error| self.not_started(error.to_string()))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok());
        self.group = group.map(Pid::from_raw);
        self.entry.set_group(group)?;
        self.stdin = child.stdin.take();
        let mut copies = vec![];
        if let Some(stderr) = child.stderr.take() {
            copies.push(tokio::spawn(copy(stderr, self.log.clone())));
        }
        let prints_address = matches!(self.spec, ProcessSpec::Embedded { .. });
        let (sender, address) = oneshot::channel();
        if let Some(stdout) = child.stdout.take() {
            let (mut stdout, log) = (BufReader::new(stdout), self.log.clone());
            copies.push(tokio::spawn(async move {
                if prints_address {
                    let _ = sender.send(read_address(&mut stdout).await);
                }
                copy(stdout, log).await;
            }));
        }
        self.exit.send_replace(None);
        // before anything is waited for: an interrupt may come at any time
        self.watch(child, copies);
        if prints_address {
            self.address = address.await.ok().flatten();
        }
        match self.address {
            Some(_) => Ok(()),
            None => Err(self.not_started("it did not print its address".into())),
        }
    }

    /// Returns the port on which a command is to listen: the same again after a restart.
    fn reserve_port(&mut self) -> Result<u16, TargetError> {
        let port = match self.address {
            Some(address) => address.port(),
            None => free_port().map_err(TargetError::disk("a free port"))?,
        };
        self.address = Some((Ipv4Addr::LOCALHOST, port).into());
        Ok(port)
    }

    fn sandbox(&self) -> Option<Sandbox> {
        let wanted = matches!(self.spec, ProcessSpec::Shell { sandbox: true, .. });
        wanted.then(|| Sandbox::new(&self.host, &self.entry.state()))
    }

    fn command(&self, fill: &Placeholders, profile: &Profile, sandbox: Option<&Sandbox>) -> Command {
        let mut command = match &self.spec {
            ProcessSpec::Embedded { command, .. } => {
                let mut words = command.iter();
                let mut embedded = Command::new(words.next().map(String::as_str).unwrap_or_default());
                let address = self.address.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
                embedded.args(words).args(["--listen", &address.to_string()]);
                embedded
            }
            ProcessSpec::Shell { command, .. } => {
                let mut shell = sandbox.map_or_else(|| Command::new("sh"), |sandbox| sandbox.command("sh"));
                shell.arg("-c").arg(fill.apply(command));
                shell
            }
        };
        command
            .env_clear()
            .envs(self.host.inherited())
            .envs(fill.environment(profile))
            .env(MARK, self.entry.mark())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        command
    }

    fn not_started(&self, cause: String) -> TargetError {
        let command = match &self.spec {
            ProcessSpec::Embedded { command, .. } => command.join(" "),
            ProcessSpec::Shell { command, .. } => command.clone(),
        };
        TargetError::Command { command, cause }
    }

    /// Reports the end of the process once its last output has been read, or shortly after if a grandchild
    /// holds the pipes open.
    fn watch(&self, mut child: Child, copies: Vec<JoinHandle<()>>) {
        let exit = self.exit.clone();
        tokio::spawn(async move {
            let status = child.wait().await;
            let _ = timeout(LAST_WORDS, join_all(copies)).await;
            exit.send_replace(Some(match status {
                Ok(status) => Exit::from(status),
                Err(error) => Exit::new(None, error.to_string()),
            }));
        });
    }

    /// Ends the process and everything it started, and waits until it is gone. The embedded runtime loses
    /// nothing by being killed at the end of a run.
    async fn halt(&mut self) {
        if matches!(self.spec, ProcessSpec::Shell { .. }) {
            self.ask_to_end().await;
        }
        self.kill().await;
    }

    /// Ends the process as an operator would: with a request to end first.
    pub(in crate::deploy) async fn end(&mut self) {
        self.ask_to_end().await;
        self.kill().await;
    }

    async fn ask_to_end(&mut self) {
        let Some(group) = self.group else { return };
        let mut exited = self.exit.subscribe();
        if exited.borrow().is_none() {
            if matches!(self.spec, ProcessSpec::Shell { sandbox: true, .. }) {
                // the sandbox itself would end at once, and all that is in it without having been asked
                processes::ask_to_end_below(group.as_raw());
            } else {
                let _ = killpg(group, Signal::SIGTERM);
            }
            let _ = timeout(GRACE, exited.wait_for(Option::is_some)).await;
        }
    }

    /// Kills the process and everything that it started, and waits until it is gone.
    pub(in crate::deploy) async fn kill(&mut self) {
        let Some(group) = self.group.take() else { return };
        let mut exited = self.exit.subscribe();
        // once it has ended, the system may have given its id to another group
        if exited.borrow().is_none() {
            let _ = killpg(group, Signal::SIGKILL);
        }
        // not earlier: the end of its input asks the embedded runtime to end in order
        self.stdin.take();
        let _ = timeout(GRACE, exited.wait_for(Option::is_some)).await;
        let family = Family { mark: self.entry.mark().to_owned(), adopted: self.host.is_adopting() };
        // a process that holds up the search does not hold up the run
        let _ = on_disk(move || Ok(family.end())).await;
    }

    pub(in crate::deploy) async fn stop(&mut self, keep: bool) -> Vec<String> {
        if keep && self.exit.borrow().is_none() && self.entry.keep().is_ok() {
            let address = self.address.map(|address| address.to_string()).unwrap_or_default();
            let group = self.group.map(|group| format!("kill -- -{group}"));
            return vec![
                format!("runtime: http://{address}/ (state in {})", self.entry.state()),
                format!("to remove it: {}", group.unwrap_or_else(|| "coalmine clean".into())),
            ];
        }
        self.halt().await;
        self.writing.close();
        let _ = timeout(STILL_WRITING, self.writing.wait()).await;
        self.entry.remove();
        vec![]
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::new(Some(code.into()), format!("exit code {code}")),
            (None, Some(signal)) => Self::new(None, format!("signal {signal}")),
            (None, None) => Self::new(None, "an unknown way"),
        }
    }
}

/// Reads the address that the embedded runtime prints as its first line.
async fn read_address(stdout: &mut BufReader<ChildStdout>) -> Option<SocketAddr> {
    let mut line = String::new();
    stdout.take(MAX_ADDRESS_LINE).read_line(&mut line).await.ok()?;
    line.trim().trim_start_matches("http://").parse().ok()
}

/// Returns a port that was free a moment ago: the runtime has to bind it itself.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

async fn copy(mut from: impl AsyncRead + Unpin, log: LogTail) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        log.push(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::plan::builtin;

    #[tokio::test]
    async fn command_gets_the_given_environment() {
        let folder = std::env::temp_dir().join(format!("coalmine-process-test-{}", std::process::id()));
        let variables = [("PATH", "/usr/bin:/bin"), ("LC_ALL", "C"), ("GITHUB_ENV", "withheld")]
            .map(|(a, b)| (a.into(), b.into()));
        let ledger = ("XDG_RUNTIME_DIR".into(), folder.clone().into_os_string());
        let host = HostEnvironment::new(variables.into_iter().chain([ledger]));
        let log = LogTail::new(Box::new(std::io::sink()));
        let command = "echo $LC_ALL-$GITHUB_ENV-$COALMINE_RUN_ID-{run}-${#COALMINE_PROCESS_MARK}".into();
        let spec = ProcessSpec::Shell { command, sandbox: false };
        let mut process = Process::prepare(&spec, "r", &host, log.clone()).unwrap();
        let fill = Placeholders { run: "r".into(), ..Placeholders::default() };
        process.start(&builtin::profile("generic").unwrap(), &fill).await.unwrap();
        let exit = process.exited().wait_for(Option::is_some).await.unwrap().clone();
        assert_eq!(exit.unwrap().code, Some(0));
        assert_eq!(log.lines(), ["C--r-r-32"]);
        process.stop(false).await;
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// Starts a command that leaves its group and its parent, and returns its id once it is known.
    async fn daemon(environment: &str) -> (tempfile::TempDir, Process, i32) {
        let sleep =
            format!("setsid {environment} sh -c 'echo $$; exec sleep 300' >pid 2>/dev/null </dev/null &");
        let command = format!(
            "cd {{state}}; ({sleep}); while [ ! -s pid ]; do sleep 0.01; done; cat pid; exec sleep 300"
        );
        let spec = ProcessSpec::Shell { command, sandbox: false };
        let (folder, mut process, log) = prepare(&spec);
        let fill = Placeholders { state: process.entry.state().into(), ..Placeholders::default() };
        process.start(&builtin::profile("generic").unwrap(), &fill).await.unwrap();
        let pid = loop {
            if let Some(pid) = log.lines().first().and_then(|line| line.parse().ok()) {
                break pid;
            }
            tokio::task::yield_now().await;
        };
        (folder, process, pid)
    }

    #[tokio::test]
    async fn daemon_is_ended_with_the_runtime() {
        let (_folder, mut process, pid) = daemon("").await;
        assert!(processes::is_running(pid));
        process.stop(false).await;
        assert!(!processes::is_running(pid));
    }

    #[tokio::test]
    async fn daemon_of_a_killed_run_is_swept() {
        let (folder, mut process, pid) = daemon("").await;
        let ledger = camino::Utf8Path::from_path(folder.path()).unwrap().join("coalmine");
        process.entry.leave_behind();
        assert_eq!(crate::deploy::ledger::sweep(&ledger, false), ["r"]);
        assert!(!processes::is_running(pid));
        // nothing is left for the end of the test
        process.stop(false).await;
    }

    fn prepare(spec: &ProcessSpec) -> (tempfile::TempDir, Process, LogTail) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ("XDG_RUNTIME_DIR".into(), folder.path().into());
        let host = HostEnvironment::new([("PATH".into(), "/usr/bin:/bin".into()), ledger]);
        let log = LogTail::new(Box::new(std::io::sink()));
        let process = Process::prepare(spec, "r", &host, log.clone()).unwrap();
        (folder, process, log)
    }

    #[tokio::test]
    async fn interrupt_before_the_address_is_known_ends_the_process_at_once() {
        let command = ["sh", "-c", "echo begun >&2; exec sleep 300"].map(str::to_owned).into();
        let (_folder, mut process, log) = prepare(&ProcessSpec::Embedded { command, fault: None });
        let begun = async {
            while log.lines().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let (profile, fill) = (builtin::profile("generic").unwrap(), Placeholders::default());
        tokio::select! {
            started = process.start(&profile, &fill) => panic!("{started:?}"),
            () = begun => {}
        }
        let stopping = std::time::Instant::now();
        process.stop(false).await;
        assert!(stopping.elapsed() < GRACE, "{:?}", stopping.elapsed());
    }

    #[test]
    fn interrupt_while_files_are_written_leaves_none() {
        // one thread for all disks, which is busy at first
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().max_blocking_threads(1).build().unwrap().block_on(async {
            let (folder, mut process, _) =
                prepare(&ProcessSpec::Shell { command: String::new(), sandbox: false });
            let (release, busy) = std::sync::mpsc::channel::<()>();
            tokio::task::spawn_blocking(move || busy.recv());
            let fill = Placeholders { memory: process.folders().memory, ..Placeholders::default() };
            let mut profile = builtin::profile("generic").unwrap();
            profile.files.insert("late".into(), "content".into());
            assert!(process.write_files(&profile, &fill).now_or_never().is_none());

            let mut stopping = std::pin::pin!(process.stop(false));
            let stopped = (&mut stopping).now_or_never();
            release.send(()).unwrap();
            if stopped.is_none() {
                stopping.await;
            }
            // whatever still waited for the thread is done now
            on_disk(|| Ok(())).await.unwrap();
            let left: Vec<_> = std::fs::read_dir(folder.path().join("coalmine")).unwrap().collect();
            assert!(left.is_empty(), "{left:?}");
        });
    }

    #[test]
    fn exit_is_described_in_words() {
        let exit = Exit::from(ExitStatus::from_raw(3 << 8));
        assert_eq!((exit.code, exit.how.as_str()), (Some(3), "exit code 3"));
        let killed = Exit::from(ExitStatus::from_raw(9));
        assert_eq!((killed.code, killed.how.as_str()), (None, "signal 9"));
    }
}
