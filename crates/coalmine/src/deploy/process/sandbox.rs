//! The sandbox of a local process: namespaces of its own, made by bubblewrap.

use std::{process::Stdio, time::Duration};

use camino::Utf8Path;
use tokio::{process::Command, time::timeout};

use crate::deploy::{HostEnvironment, TargetError};

/// The program that makes the sandbox.
const BWRAP: &str = "bwrap";

/// Namespaces of its own, except for the network: the runtime is talked to over loopback. It has no terminal to type
/// into, and no rights of the user who runs coalmine beside those to files.
const NAMESPACES: [&str; 9] = [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
];

/// Folders that are empty in the sandbox: others hold sockets there, such as those of a container engine.
const EMPTY: [&str; 3] = ["/tmp", "/var/tmp", "/run"];

/// The longest that an empty sandbox may take.
const WITHIN: Duration = Duration::from_secs(10);

/// A sandbox in which a folder is writable and everything else is not.
#[derive(Debug)]
pub(super) struct Sandbox {
    words: Vec<String>,
}

impl Sandbox {
    pub(super) fn new(host: &HostEnvironment, state: &Utf8Path) -> Self {
        let mut words: Vec<String> = NAMESPACES.map(str::to_owned).into();
        let mut add = |part: &[&str]| words.extend(part.iter().map(|word| (*word).to_owned()));
        add(&["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]);
        for folder in EMPTY {
            if Utf8Path::new(folder).is_dir() {
                add(&["--tmpfs", folder]);
            }
        }
        for socket in host.engine_addresses() {
            let socket = Utf8Path::new(socket.strip_prefix("unix://").unwrap_or_default());
            let real = socket.canonicalize_utf8().ok();
            if let Some(socket) = real.filter(|real| real.is_absolute() && !is_emptied(real)) {
                add(&["--ro-bind", "/dev/null", socket.as_str()]);
            }
        }
        let here =
            std::env::current_dir().ok().and_then(|here| camino::Utf8PathBuf::from_path_buf(here).ok());
        if let Some(here) = here.filter(|here| is_emptied(here)) {
            add(&["--ro-bind", here.as_str(), here.as_str()]);
        }
        add(&["--bind", state.as_str(), state.as_str(), "--setenv", "TMPDIR", "/tmp", "--"]);
        Self { words }
    }

    /// Returns a command that runs a program in the sandbox; its arguments follow.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(BWRAP);
        command.args(&self.words).arg(program);
        command
    }

    /// Runs a program that does nothing, to see whether there can be a sandbox.
    pub(super) async fn check(&self, host: &HostEnvironment) -> Result<(), TargetError> {
        let mut command = self.command("true");
        command.env_clear().envs(host.inherited()).stdin(Stdio::null()).kill_on_drop(true);
        let cause = match timeout(WITHIN, command.output()).await {
            Ok(Ok(output)) if output.status.success() => return Ok(()),
            Ok(Ok(output)) => {
                let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                if said.is_empty() { format!("`{BWRAP}` ended with {}", output.status) } else { said }
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                format!("`{BWRAP}` is not installed")
            }
            Ok(Err(error)) => format!("`{BWRAP}`: {error}"),
            Err(_) => format!("`{BWRAP}` did not end within {} s", WITHIN.as_secs()),
        };
        Err(TargetError::Sandbox { cause })
    }
}

/// Returns whether a path is below a folder that is empty in the sandbox.
fn is_emptied(path: &Utf8Path) -> bool {
    EMPTY.iter().any(|folder| path.starts_with(folder) && path != *folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_state_folder_is_writable() {
        let sandbox = Sandbox::new(&HostEnvironment::default(), "/run/user/7/coalmine/r/state".into());
        let words = sandbox.words.join(" ");
        assert_eq!(words.matches("--bind ").count(), 1, "{words}");
        let (root, empty) = (words.find("--ro-bind / /").unwrap(), words.find("--tmpfs /tmp").unwrap());
        let state = words.find("--bind /run/user/7/coalmine/r/state /run/user/7/coalmine/r/state").unwrap();
        assert!(root < empty && empty < state, "{words}");
    }

    #[tokio::test]
    async fn missing_program_is_named() {
        let host = HostEnvironment::new([("PATH".into(), "/nonexistent".into())]);
        let sandbox = Sandbox::new(&host, "/nonexistent".into());
        let error = sandbox.check(&host).await.unwrap_err();
        assert_eq!(error.to_string(), "could not start the sandbox: `bwrap` is not installed");
    }
}
