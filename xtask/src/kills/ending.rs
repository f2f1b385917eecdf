//! How a run ended that got a signal.

use std::{
    fmt,
    os::unix::process::ExitStatusExt,
    process::{Child, ExitStatus},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use nix::{sys::signal::kill, unistd::Pid};

use super::draw::Ending;
use crate::failure::Failure;

/// The longest that a run may take to end after a signal.
const WITHIN: Duration = Duration::from_secs(30);
/// The exit code of a run that was interrupted.
const INTERRUPTED: i32 = 130;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was over, and green, before it could notice the signal.
    Over,
    /// It ended with the exit code of an interrupted run.
    Interrupted,
    /// The signal ended it: SIGKILL always does, the others before it listens for them.
    BySignal(i32),
    /// It ended in another way.
    Code(i32),
    /// It was still there at the end of the longest time.
    Hung,
}

impl End {
    fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(0), _) => Self::Over,
            (Some(INTERRUPTED), _) => Self::Interrupted,
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::BySignal(signal.unwrap_or_default()),
        }
    }

    /// Returns what is wrong with this end after SIGINT or SIGTERM, if something is.
    pub(super) fn problem(self) -> Option<String> {
        match self {
            Self::Over | Self::Interrupted | Self::BySignal(_) => None,
            Self::Code(_) | Self::Hung => Some(self.to_string()),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Over => f.write_str("was over"),
            Self::Interrupted => write!(f, "ended with {INTERRUPTED}"),
            Self::BySignal(signal) => write!(f, "ended by signal {signal}"),
            Self::Code(code) => write!(f, "ended with exit code {code}"),
            Self::Hung => write!(f, "did not end within {} s", WITHIN.as_secs()),
        }
    }
}

/// Sends a signal to a run. Returns how it ended, and how long that took.
pub(super) fn end(mut child: Child, signal: Ending) -> Result<(End, Duration), Failure> {
    if let Some(status) = child.try_wait()? {
        return Ok((End::of(status), Duration::ZERO));
    }
    // it was not waited for, so its id belongs to no other process
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
    let began = Instant::now();
    kill(pid, signal.signal()).map_err(|error| Failure::new("could not send a signal").because(error))?;
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait()));
    let Ok(status) = ended.recv_timeout(WITHIN) else {
        kill(pid, Ending::Kill.signal())
            .map_err(|error| Failure::new("could not kill a run").because(error))?;
        let _ = ended.recv_timeout(WITHIN);
        return Ok((End::Hung, began.elapsed()));
    };
    Ok((End::of(status?), began.elapsed()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn shell(script: &str) -> Child {
        Command::new("sh").args(["-c", script]).stdout(std::process::Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn ends_are_distinguished() {
        for (script, expected) in [
            ("exit 0", End::Over),
            ("exit 130", End::Interrupted),
            ("exit 2", End::Code(2)),
            ("kill -9 $$", End::BySignal(9)),
        ] {
            assert_eq!(End::of(shell(script).wait().unwrap()), expected, "{script}");
        }
        assert_eq!(End::Interrupted.problem(), None);
        assert_eq!(End::Code(2).problem().as_deref(), Some("ended with exit code 2"));
        assert!(End::Hung.problem().is_some());
    }

    #[test]
    fn signal_reaches_the_run() {
        use std::io::Read;
        let mut child = shell("trap 'kill $!; exit 130' TERM; sleep 600 & echo; wait");
        // it prints once it listens
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        assert_eq!(end(child, Ending::Term).unwrap().0, End::Interrupted);
        assert_eq!(end(shell("exec sleep 600"), Ending::Kill).unwrap().0, End::BySignal(9));
    }
}
