//! A local process, in a process group of its own that ends with it.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::Stdio,
    time::Duration,
};

use camino::{Utf8Path, Utf8PathBuf};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};
use url::Url;

use super::{
    Exit, LogTail, Placeholders, STORE_BYTES, STORE_FILES, StoreFile, TargetError, Unreadable,
    glob::Glob,
    ledger::{Entry, GRACE},
};
use crate::plan::Profile;

/// How long the last words of an ended process may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What to start.
#[derive(Debug, Clone)]
pub enum ProcessSpec {
    /// A program of ours that prints the address it got as its first line on stdout and ends with its stdin.
    Embedded {
        /// The program and its arguments.
        command: Vec<String>,
    },
    /// A command for the shell; `{port}` and the others are filled in.
    Shell {
        /// As given.
        command: String,
    },
}

/// A process that was prepared or started.
#[derive(Debug)]
pub struct Process {
    spec: ProcessSpec,
    entry: Entry,
    log: LogTail,
    address: Option<SocketAddr>,
    group: Option<Pid>,
    /// Held open: the embedded runtime ends when this end is gone, however that came about.
    stdin: Option<ChildStdin>,
    exit: watch::Sender<Option<Exit>>,
}

impl Process {
    pub(super) fn prepare(spec: &ProcessSpec, run: &str, log: LogTail) -> Result<Self, TargetError> {
        let entry = Entry::create(run)?;
        Ok(Self {
            spec: spec.clone(),
            entry,
            log,
            address: None,
            group: None,
            stdin: None,
            exit: watch::Sender::new(None),
        })
    }

    pub(super) fn folders(&self) -> (String, String) {
        let state = self.entry.state();
        (state.to_string(), state.join("memory").into_string())
    }

    pub(super) fn base_url(&self) -> Option<Url> {
        Url::parse(&format!("http://{}/", self.address?)).ok()
    }

    pub(super) fn exited(&self) -> watch::Receiver<Option<Exit>> {
        self.exit.subscribe()
    }

    pub(super) async fn start(&mut self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        let mut fill = fill.clone();
        let (mut command, shown) = match &self.spec {
            ProcessSpec::Embedded { command } => {
                let mut words = command.iter();
                let mut built = Command::new(words.next().map(String::as_str).unwrap_or_default());
                // the same address again after a restart
                let address = self.address.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
                built.args(words).args(["--listen", &address.to_string()]);
                (built, command.join(" "))
            }
            ProcessSpec::Shell { command } => {
                // the same port again after a restart
                let port = self.address.map_or_else(free_port, |address| Ok(address.port()));
                fill.port = port.map_err(TargetError::disk("a free port"))?;
                self.address = Some((Ipv4Addr::LOCALHOST, fill.port).into());
                let mut built = Command::new("sh");
                built.arg("-c").arg(fill.apply(command));
                (built, command.clone())
            }
        };
        self.write_files(profile, &fill)?;
        for name in std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| is_kept_back(name))
        {
            command.env_remove(name);
        }
        command
            .envs(fill.environment(profile))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let failed = |cause: String| TargetError::Command { command: shown.clone(), cause };
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok());
        self.group = group.map(Pid::from_raw);
        self.entry.set_group(group)?;
        self.stdin = child.stdin.take();
        let mut stdout = child.stdout.take().map(BufReader::new);
        let mut copies = vec![];
        if let Some(stderr) = child.stderr.take() {
            copies.push(tokio::spawn(copy(stderr, self.log.clone())));
        }
        if let (ProcessSpec::Embedded { .. }, Some(stdout)) = (&self.spec, &mut stdout) {
            let mut line = String::new();
            let read = stdout.take(200).read_line(&mut line).await;
            self.address = read.ok().and_then(|_| line.trim().trim_start_matches("http://").parse().ok());
        }
        if let Some(stdout) = stdout {
            copies.push(tokio::spawn(copy(stdout, self.log.clone())));
        }
        self.exit.send_replace(None);
        self.watch(child, copies);
        match self.address {
            Some(_) => Ok(()),
            None => Err(failed("it did not print its address".into())),
        }
    }

    /// Tells the end once the last words are taken in; not later than that, where a grandchild holds the pipes open.
    fn watch(&self, mut child: Child, copies: Vec<JoinHandle<()>>) {
        let exit = self.exit.clone();
        tokio::spawn(async move {
            let status = child.wait().await;
            let _ = timeout(LAST_WORDS, futures_util::future::join_all(copies)).await;
            exit.send_replace(Some(match status {
                Ok(status) => match (status.code(), std::os::unix::process::ExitStatusExt::signal(&status)) {
                    (Some(code), _) => Exit { code: Some(code.into()), how: format!("exit code {code}") },
                    (None, signal) => {
                        let how = signal.map_or("an unknown way".into(), |signal| format!("signal {signal}"));
                        Exit { code: None, how }
                    }
                },
                Err(error) => Exit { code: None, how: error.to_string() },
            }));
        });
    }

    /// Files of the profile go below the state folder: a local process has no disk of its own.
    fn write_files(&self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        for (path, content) in &profile.files {
            let (state, filled) = (self.entry.state(), fill.apply(path));
            let path = Utf8Path::new(&filled);
            let inside = path.strip_prefix(&state).unwrap_or(path);
            let inside = inside.components().filter(|c| matches!(c, camino::Utf8Component::Normal(_)));
            let target = inside.fold(state.clone(), |path, part| path.join(part));
            let folder = target.parent().map(Utf8Path::to_owned).unwrap_or_default();
            fs_err::create_dir_all(folder).map_err(TargetError::disk(&filled))?;
            fs_err::write(&target, fill.apply(content)).map_err(TargetError::disk(&filled))?;
        }
        Ok(())
    }

    pub(super) fn read_files(&self, patterns: &[String]) -> Result<Vec<StoreFile>, Unreadable> {
        let state = self.entry.state();
        let mut found = vec![];
        for pattern in patterns {
            let pattern = pattern.replace("{state}", state.as_str());
            let Some(glob) = Glob::new(&pattern) else { continue };
            look(Utf8Path::new(&glob.folder), &glob, 0, &mut found);
        }
        Ok(found)
    }

    pub(super) async fn exec(&self, command: &[String]) -> Result<Vec<u8>, Unreadable> {
        let state = self.entry.state();
        let words: Vec<String> = command.iter().map(|word| word.replace("{state}", state.as_str())).collect();
        let (program, arguments) =
            words.split_first().ok_or_else(|| Unreadable("the command is empty".into()))?;
        let mut built = Command::new(program);
        built.args(arguments).current_dir(&state).stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(Duration::from_secs(10), built.output()).await;
        match output {
            Err(_) => Err(Unreadable(format!("`{program}` did not end within 10 s"))),
            Ok(Err(error)) => Err(Unreadable(format!("`{program}`: {error}"))),
            Ok(Ok(output)) if !output.status.success() => {
                Err(Unreadable(format!("`{program}`: {}", output.status)))
            }
            Ok(Ok(mut output)) => {
                output.stdout.truncate(STORE_BYTES);
                Ok(output.stdout)
            }
        }
    }

    pub(super) fn memory_root(&self, root: &str) -> Result<String, String> {
        let root = Utf8Path::new(root);
        if !root.is_dir() {
            return Err(format!("{root} is not a folder"));
        }
        let probe = root.join(".coalmine-probe");
        let tried = std::fs::write(&probe, b"probe").and_then(|()| std::fs::read(&probe));
        let _ = std::fs::remove_file(&probe);
        match tried {
            Ok(read) if read == b"probe" => {
                Ok(format!("{root} is a folder; a file written there was read back"))
            }
            Ok(_) => Err(format!("a file written to {root} was read back changed")),
            Err(error) => Err(format!("{root} cannot be written to: {error}")),
        }
    }

    /// Ends the process and whatever it started, and waits until it is gone. The embedded runtime loses nothing by being
    /// killed at the end of a run.
    async fn halt(&mut self) {
        if matches!(self.spec, ProcessSpec::Shell { .. }) {
            self.ask_to_end().await;
        }
        self.kill().await;
    }

    /// Ends the process as an operator would: asked first.
    pub(super) async fn end(&mut self) {
        self.ask_to_end().await;
        self.kill().await;
    }

    async fn ask_to_end(&mut self) {
        let Some(group) = self.group else { return };
        let mut exited = self.exit.subscribe();
        if exited.borrow().is_none() {
            let _ = killpg(group, Signal::SIGTERM);
            let _ = timeout(GRACE, exited.wait_for(Option::is_some)).await;
        }
    }

    /// Kills the process and what is left in its group, and waits until it is gone.
    pub(super) async fn kill(&mut self) {
        let Some(group) = self.group.take() else { return };
        let mut exited = self.exit.subscribe();
        let _ = killpg(group, Signal::SIGKILL);
        // only now: the end of its input asks the embedded runtime to end in order
        self.stdin.take();
        let _ = timeout(GRACE, exited.wait_for(Option::is_some)).await;
    }

    pub(super) async fn stop(&mut self, keep: bool) -> Vec<String> {
        if keep && self.exit.borrow().is_none() && self.entry.keep().is_ok() {
            let address = self.address.map(|address| address.to_string()).unwrap_or_default();
            let group = self.group.map(|group| format!("kill -- -{group}"));
            return vec![
                format!("runtime: http://{address}/ (state in {})", self.entry.state()),
                format!("to remove it: {}", group.unwrap_or_else(|| "coalmine clean".into())),
            ];
        }
        self.halt().await;
        self.entry.remove();
        vec![]
    }
}

/// What a shell happens to hold and a runtime under test must not get: credentials, proxies, and what changes how it
/// is judged. Whoever wants it there says so with `--env` or in the profile.
fn is_kept_back(name: &str) -> bool {
    let name = name.to_uppercase();
    ["_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_PROXY", "_CREDENTIALS"]
        .iter()
        .any(|end| name.ends_with(end))
        || name.starts_with("AWS_")
        || ["COALMINE_FAULT", "MOLECULE_CANARY_MODE"].contains(&name.as_str())
}

/// Bound and let go: the runtime has to listen there itself.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

async fn copy(mut from: impl AsyncRead + Unpin, log: LogTail) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        log.push(&buffer[..read]);
    }
}

/// Takes what matches at a path and below it.
fn look(path: &Utf8Path, glob: &Glob, depth: usize, found: &mut Vec<StoreFile>) {
    let Ok(metadata) = path.symlink_metadata() else { return };
    if metadata.is_dir() && depth < 16 {
        let entries = path.read_dir_utf8().into_iter().flatten().flatten();
        let mut inside: Vec<Utf8PathBuf> = entries.map(|entry| entry.path().to_owned()).collect();
        inside.sort();
        for path in inside {
            look(&path, glob, depth + 1, found);
        }
    } else if metadata.is_file() && glob.matches(path.as_str()) && found.len() < STORE_FILES {
        let taken: usize = found.iter().map(|file| file.bytes.len()).sum();
        let fits = usize::try_from(metadata.len()).is_ok_and(|size| taken + size <= STORE_BYTES);
        if let (true, Ok(bytes)) = (fits, std::fs::read(path)) {
            found.push(StoreFile { path: path.to_string(), bytes });
        }
    }
}
