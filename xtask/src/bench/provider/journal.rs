//! The journal that the world wrote: is it complete and in order?

use std::{
    io::{BufRead, BufReader, Seek, SeekFrom},
    time::{Duration, Instant},
};

use camino::Utf8Path;
use fs_err::File;

use crate::failure::Failure;

/// How long the writer may take to get to the end.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Waits until the journal holds that many calls; returns whether they are in order and no more follow.
pub(super) fn is_complete(path: &Utf8Path, calls: usize) -> Result<bool, Failure> {
    let mut file = BufReader::new(File::open(path)?);
    let (mut found, mut at, mut line) = (0, 0, vec![]);
    let began = Instant::now();
    while found < calls && began.elapsed() < TIMEOUT {
        line.clear();
        let read = file.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            // the rest of the line is not written yet
            file.seek(SeekFrom::Start(at))?;
            std::thread::sleep(Duration::from_millis(5));
            continue;
        }
        if !line.starts_with(format!("{{\"seq\":{found},").as_bytes()) {
            return Ok(false);
        }
        at += read as u64;
        found += 1;
    }
    line.clear();
    Ok(found == calls && file.read_until(b'\n', &mut line)? == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_gaps_swaps_and_extra_calls() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("journal.ndjson");
        let complete = |sequence: &[usize]| {
            let lines: String =
                sequence.iter().map(|seq| format!("{{\"seq\":{seq},\"at_ms\":0}}\n")).collect();
            fs_err::write(&path, lines).unwrap();
            is_complete(&path, 3).unwrap()
        };
        assert!(complete(&[0, 1, 2]));
        for wrong in [&[0, 2, 1][..], &[0, 2, 3], &[0, 1, 2, 3]] {
            assert!(!complete(wrong), "{wrong:?}");
        }
    }
}
