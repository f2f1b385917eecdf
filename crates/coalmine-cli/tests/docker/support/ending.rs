//! A command's end, which comes within a bound or fails the test.

use std::{
    process::{Child, Command},
    sync::mpsc,
    thread,
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(120);

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

/// Waits for a child's end.
pub(crate) fn wait(child: Child) -> Ended {
    let id = child.id();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(child.wait_with_output()));
    let Ok(done) = told.recv_timeout(PATIENCE) else {
        signal(id, "KILL");
        panic!("a command did not end within {} s", PATIENCE.as_secs());
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
