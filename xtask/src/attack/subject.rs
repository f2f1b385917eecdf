//! A run of coalmine on the hostile runtime, and what it cost.

use std::{
    fs::File,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use camino::Utf8Path;
use fs_err as fs;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use serde_json::Value;

use super::{
    place::Place,
    truth::{Expected, Mode},
};
use crate::{failure::Failure, proc, repository, third_party};

/// How long coalmine may take beyond what is allowed before it is killed.
const PATIENCE: Duration = Duration::from_secs(20);
/// The pause between two looks at the memory.
const TICK: Duration = Duration::from_millis(2);
/// How many looks at the memory there are for each look at the disk.
const TICKS_PER_DISK: u32 = 100;

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// The exit code; as in a shell, 128 and the number of the signal that ended it. `None` if it had to be killed.
    pub(super) code: Option<i32>,
    pub(super) took: Duration,
    /// The peak memory in bytes.
    pub(super) memory: u64,
    /// The most that the folder of the run took on the disk, in bytes.
    pub(super) disk: u64,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) summary: Option<Value>,
}

/// Runs coalmine to its end.
pub(super) fn run(
    place: &Place,
    mode: &Mode,
    python: &Utf8Path,
    server: &Utf8Path,
) -> Result<Measured, Failure> {
    let expected = &mode.expected;
    let [stdout, stderr] = [place.root().join("stdout"), place.root().join("stderr")];
    let mut command = place.coalmine(expected.shell.as_deref());
    command.args(arguments(place, mode, python, server));
    command
        .stdout(File::create(&stdout)?)
        .stderr(File::create(&stderr)?)
        .stdin(Stdio::null())
        .process_group(0);
    let mut child = command.spawn()?;
    let mut measured = watch(&mut child, place, expected)?;
    (measured.stdout, measured.stderr) = (fs::read(&stdout)?, fs::read(&stderr)?);
    fs::remove_file(stdout)?;
    fs::remove_file(stderr)?;
    measured.summary = read_summary(&place.out().join("summary.json"));
    Ok(measured)
}

fn arguments(place: &Place, mode: &Mode, python: &Utf8Path, server: &Utf8Path) -> Vec<String> {
    let expected = &mode.expected;
    let profile = server.with_file_name(&expected.profile).with_extension("toml");
    let command = format!("exec '{python}' '{server}' {{port}}");
    let set = |name: &str, value: &str| format!("{name}={value}");
    let mut words = vec!["run".to_owned()];
    for (flag, value) in [
        ("--cmd", command),
        ("--profile", profile.into_string()),
        ("--out", "out".to_owned()),
        ("--timeout", expected.timeout.clone()),
        ("--turn-timeout", expected.turn_timeout.clone()),
        ("--secret-env", "HOSTILE_SECRET".to_owned()),
        ("--env", set("MODE", &mode.name)),
        ("--env", "HOSTILE_MARK".to_owned()),
        ("--env", "HOSTILE_OWN".to_owned()),
        ("--run-id", place.mark().to_owned()),
    ] {
        words.extend([flag.to_owned(), value]);
    }
    let hostile = repository::root().join(third_party::FOLDER).join("hostile");
    words.extend(expected.arguments.iter().map(|word| word.replace("{hostile}", hostile.as_str())));
    words.push("--canary".to_owned());
    words.extend(expected.canaries.iter().cloned());
    words
}

/// Waits for the end and looks at the memory and the disk meanwhile.
fn watch(child: &mut Child, place: &Place, expected: &Expected) -> Result<Measured, Failure> {
    let began = Instant::now();
    let limit = Duration::from_secs_f64(expected.seconds) + PATIENCE;
    let mut measured = Measured::default();
    let mut ticks = 0_u32;
    loop {
        let memory = proc::status_bytes(child.id(), "VmHWM:").unwrap_or_default();
        measured.memory = measured.memory.max(memory);
        if let Some(status) = child.try_wait()? {
            measured.code = Some(code(status));
            break;
        }
        if ticks.is_multiple_of(TICKS_PER_DISK) {
            measured.disk = measured.disk.max(disk(&place.out()));
        }
        ticks = ticks.wrapping_add(1);
        if began.elapsed() > limit {
            // it was not waited for, so its id belongs to no other group
            let group = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
            killpg(group, Signal::SIGKILL)
                .map_err(|error| Failure::new("could not kill coalmine").because(error))?;
            child.wait()?;
            break;
        }
        std::thread::sleep(TICK);
    }
    measured.took = began.elapsed();
    measured.disk = measured.disk.max(disk(&place.out()));
    Ok(measured)
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

fn read_summary(path: &Utf8Path) -> Option<Value> {
    // what was put there by the attack may be no file
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_file.then(|| serde_json::from_slice(&fs::read(path).ok()?).ok())?
}

/// Returns how much a folder takes on the disk. Links are not followed.
fn disk(folder: &Utf8Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let mut open = vec![folder.to_owned()];
    let mut blocks = 0_u64;
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
            let Ok(metadata) = fs::symlink_metadata(entry.path()) else { continue };
            blocks = blocks.saturating_add(metadata.blocks());
            if metadata.is_dir() {
                open.push(entry.into_path());
            }
        }
    }
    blocks.saturating_mul(512)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disk_counts_what_is_allocated() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        assert_eq!(disk(path), 0);
        fs::create_dir(path.join("inner")).unwrap();
        fs::write(path.join("inner/file"), vec![b'x'; 100_000]).unwrap();
        File::create(path.join("sparse")).unwrap().set_len(1 << 40).unwrap();
        assert!((100_000..1_000_000).contains(&disk(path)), "{}", disk(path));
    }

    #[test]
    fn signals_are_codes_as_in_a_shell() {
        assert_eq!((code(ExitStatus::from_raw(9)), code(ExitStatus::from_raw(2 << 8))), (137, 2));
    }
}
