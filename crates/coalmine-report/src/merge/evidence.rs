//! The files of evidence of all parts, each part in a folder of its own, and one journal.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
};

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::untrusted::RegularFile;
use fs_err as fs;

use super::{MergeProblem, Part};
use crate::{EVENTS_FILE, standard_reports};

const JOURNAL_FILE: &str = "journal.ndjson";
/// The longest line of a journal that is taken over, in bytes.
const MAX_LINE: u64 = 64 << 20;
/// The deepest folder that is copied. Coalmine itself makes one level.
const MAX_DEPTH: usize = 4;

/// Copies the evidence of all parts into `out`, and changes the paths and the numbers of calls in their reports.
pub(super) fn take_over(parts: &mut [Part], out: &Utf8Path) -> Result<(), MergeProblem> {
    let mut next = 0;
    let journal = out.join(JOURNAL_FILE);
    let failed = |source| MergeProblem::Copy { path: journal.clone(), source };
    let mut all = BufWriter::new(File::create_new(&journal).map_err(failed)?);
    for part in parts.iter_mut() {
        let name = format!("shard-{}", part.shard.number);
        copy(&part.folder, &out.join(&name), 0)?;
        let first = next;
        next = journal_of(&part.folder, first, &mut all).map_err(failed)?;
        rename(part, &name, first);
    }
    all.flush().map_err(failed)
}

/// Copies the files in a folder, except the reports. Links are left out.
fn copy(from: &Utf8Path, to: &Utf8Path, depth: usize) -> Result<(), MergeProblem> {
    let failed = |path: &Utf8Path| {
        let path = path.to_owned();
        move |source| MergeProblem::Copy { path, source }
    };
    let reports = standard_reports(from);
    let is_report = |name: &str| {
        name == EVENTS_FILE
            || name == JOURNAL_FILE
            || reports.iter().any(|report| report.files().contains(&name))
    };
    for entry in from.read_dir_utf8().map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(failed(path))?;
        if kind.is_dir() && depth < MAX_DEPTH {
            copy(path, &target, depth + 1)?;
        } else if kind.is_file() && !(depth == 0 && is_report(entry.file_name())) {
            fs::create_dir_all(to).map_err(failed(to))?;
            copy_file(path, &target).map_err(failed(path))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let mut source = RegularFile::open(from)?.into_file();
    io::copy(&mut source, &mut File::create_new(to)?).map(drop)
}

/// Adds the calls of a part to the journal, with numbers from `first`. Returns the number after them.
fn journal_of(folder: &Utf8Path, first: u64, all: &mut impl Write) -> io::Result<u64> {
    // a run in which everything passed keeps no journal
    let Ok(file) = RegularFile::open(&folder.join(JOURNAL_FILE)) else { return Ok(first) };
    let mut reader = BufReader::new(file.into_file());
    let (mut line, mut next) = (Vec::new(), first);
    loop {
        line.clear();
        if reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(next);
        }
        if line.last() != Some(&b'\n') {
            reader.skip_until(b'\n')?;
            continue;
        }
        if let Some((seq, rest)) = split(&line) {
            let seq = first.saturating_add(seq);
            next = next.max(seq.saturating_add(1));
            write!(all, "{{\"seq\":{seq}")?;
            all.write_all(rest)?;
        }
    }
}

/// Returns the number of a call, and what follows in its line.
fn split(line: &[u8]) -> Option<(u64, &[u8])> {
    let digits = line.strip_prefix(b"{\"seq\":")?;
    let (digits, rest) = digits.split_at(digits.iter().position(|byte| !byte.is_ascii_digit())?);
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

/// Changes the paths and the numbers of calls in the reports of a part.
fn rename(part: &mut Part, folder: &str, first: u64) {
    let moved = |path: &mut String| {
        if path != JOURNAL_FILE {
            *path = Utf8PathBuf::from(folder).join(&*path).into_string();
        }
    };
    let own = part.canaries.iter_mut().filter_map(|canary| canary.diagnosis.as_mut());
    for diagnosis in own.chain(&mut part.diagnosis) {
        diagnosis.evidence.iter_mut().filter_map(|evidence| evidence.path.as_mut()).for_each(moved);
    }
    for turn in part.canaries.iter_mut().flat_map(|canary| &mut canary.turns) {
        turn.wire.iter_mut().chain(&mut turn.session_store).for_each(moved);
        let seqs = turn.model_call_seqs.iter_mut().chain(&mut turn.peer_call_seqs);
        seqs.for_each(|seq| *seq = seq.saturating_add(first));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_get_numbers_of_their_own() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        fs::write(root.join(JOURNAL_FILE), "{\"seq\":0,\"a\":1}\n{\"seq\":4}\nno call\n{\"seq\":5,\"torn")
            .unwrap();
        let mut all = Vec::new();
        assert_eq!(journal_of(root, 10, &mut all).unwrap(), 15);
        assert_eq!(String::from_utf8(all).unwrap(), "{\"seq\":10,\"a\":1}\n{\"seq\":14}\n");
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(journal_of(Utf8Path::from_path(empty.path()).unwrap(), 3, &mut Vec::new()).unwrap(), 3);
    }

    #[test]
    fn links_are_not_copied() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        fs::create_dir_all(root.join("run/wire")).unwrap();
        fs::write(root.join("precious"), "precious").unwrap();
        fs::write(root.join("run/wire/a.json"), "a").unwrap();
        fs::write(root.join("run/summary.json"), "{}").unwrap();
        std::os::unix::fs::symlink("../../precious", root.join("run/wire/link")).unwrap();
        std::os::unix::fs::symlink("..", root.join("run/up")).unwrap();
        copy(&root.join("run"), &root.join("copy"), 0).unwrap();
        let names = |folder: &str| -> Vec<String> {
            let entries = root.join(folder).read_dir_utf8().unwrap();
            entries.map(|entry| entry.unwrap().file_name().to_owned()).collect()
        };
        assert_eq!((names("copy"), names("copy/wire")), (vec!["wire".to_owned()], vec!["a.json".to_owned()]));
    }
}
