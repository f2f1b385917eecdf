//! What the kernel says about processes.

use camino::Utf8Path;

/// Reads a small file in `/proc`, unless its process has ended.
pub(crate) fn read(path: &Utf8Path) -> Option<String> {
    fs_err::read_to_string(path).ok()
}

/// Returns a figure of a process's status such as `VmHWM:` or `VmRSS:`, in bytes.
pub(crate) fn status_bytes(process: u32, key: &str) -> Option<u64> {
    bytes(&read(Utf8Path::new(&format!("/proc/{process}/status")))?, key)
}

/// Returns the memory of a process, in bytes; pages that it shares with others are divided among them.
pub(crate) fn share(process: u32) -> Option<u64> {
    bytes(&read(Utf8Path::new(&format!("/proc/{process}/smaps_rollup")))?, "Pss:")
}

/// Reads a line like `VmHWM:     9876 kB`, in bytes.
fn bytes(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Starts a process with a variable in its environment, and returns when it runs: until then the environment cannot be
/// read. It ends with its input.
#[cfg(test)]
pub(crate) fn started_with(name: &str, value: &str) -> std::process::Child {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };
    let mut command = Command::new("sh");
    command.args(["-c", "echo runs; read -r line"]).env(name, value);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "runs\n");
    child
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_high_water_mark() {
        assert_eq!(bytes("Name:\tx\nVmHWM:\t    9876 kB\nVmRSS:\t 1 kB\n", "VmHWM:"), Some(9876 * 1024));
        assert_eq!(bytes("Name:\tx\n", "VmHWM:"), None);
    }
}
