//! Waiting for the end of a command.

use std::{
    process::{Child, Command},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The longest that a command may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The exit code and the errors of a finished command.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

/// Waits until a child ends, and panics if that takes too long.
pub(crate) fn wait(child: Child) -> Ended {
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(done) = receiver.recv_timeout(TIMEOUT) else {
        signal(id, "KILL");
        panic!("a command did not end within {} s", TIMEOUT.as_secs());
    };
    let done = done.unwrap();
    Ended { code: done.status.code(), stderr: String::from_utf8_lossy(&done.stderr).into_owned() }
}

/// Sends a signal to one process.
pub(crate) fn signal(process: u32, name: &str) {
    let kill = format!("kill -{name} {process}");
    let done = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(done.success(), "{kill}: {done}");
}
