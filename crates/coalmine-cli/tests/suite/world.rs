//! `coalmine serve world`: it accepts more connections than the default limit of a process, and its journal
//! is complete.

use std::process::Stdio;

use nix::sys::signal::Signal;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};

use crate::support::{COALMINE, Child, Sandbox, within};

/// More connections than the number of files that a process may have open by default.
const CONNECTIONS: usize = 200;

#[tokio::test]
async fn world_answers_every_connection_and_records_every_call() {
    let sandbox = Sandbox::new();
    let journal = sandbox.path("calls.ndjson");
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -Sn 64; exec \"$@\"", "sh", COALMINE, "serve", "world", "--journal"])
        .arg(&journal)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = Child::new(&mut command);
    let address = child.first_line().await;
    let mut open = vec![];
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET /v1/models HTTP/1.1\r\nhost: world\r\n\r\n").await.unwrap();
        let mut answer = [0; 15];
        within("an answer", stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        open.push(stream);
    }
    child.signal(Signal::SIGTERM);
    child.done().await.code(0);
    let written = std::fs::read_to_string(&journal).unwrap();
    let calls = written.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let numbers: Vec<_> = calls.map(|call| call["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..CONNECTIONS as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn unwritable_journal_is_reported_before_serving() {
    let sandbox = Sandbox::new();
    let done = sandbox.coalmine(&["serve", "world", "--journal", "no/such/folder/calls.ndjson"]).await;
    done.code(2);
    assert!(done.stdout.is_empty() && done.stderr.contains("no/such/folder"), "{}", done.transcript());
}
