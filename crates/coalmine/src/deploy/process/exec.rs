//! A command of the profile, run beside a local process.

use std::{process::Stdio, time::Duration};

use tokio::{io::AsyncReadExt, process::Command, time::timeout};

use super::Process;
use crate::deploy::{MAX_STORE_BYTES, Unreadable, too_long};

/// The longest that a command may take.
const WITHIN: Duration = Duration::from_secs(10);

impl Process {
    pub(in crate::deploy) async fn exec(&self, command: &[String]) -> Result<Vec<u8>, Unreadable> {
        let state = self.entry.state();
        let words: Vec<String> = command.iter().map(|word| word.replace("{state}", state.as_str())).collect();
        let (program, arguments) =
            words.split_first().ok_or_else(|| Unreadable("the command is empty".into()))?;
        let mut built = Command::new(program);
        built
            .args(arguments)
            .current_dir(&state)
            .env_clear()
            .envs(self.host.inherited())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        match timeout(WITHIN, output(built)).await {
            Err(_) => Err(Unreadable(format!("`{program}` did not end within {} s", WITHIN.as_secs()))),
            Ok(Err(error)) => Err(Unreadable(format!("`{program}`: {error}"))),
            Ok(Ok(output)) if output.len() > MAX_STORE_BYTES => Err(Unreadable(too_long(program))),
            Ok(Ok(output)) => Ok(output),
        }
    }
}

/// Returns what a command prints, at most one byte more than is allowed.
async fn output(mut command: Command) -> std::io::Result<Vec<u8>> {
    let mut child = command.spawn()?;
    let mut printed = vec![];
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_STORE_BYTES as u64 + 1).read_to_end(&mut printed).await?;
    }
    if printed.len() > MAX_STORE_BYTES {
        child.kill().await?;
        return Ok(printed);
    }
    let status = child.wait().await?;
    if status.success() { Ok(printed) } else { Err(std::io::Error::other(status.to_string())) }
}
