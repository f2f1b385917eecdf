//! The disk of a local process: its state folder, and the files that a profile names.

use std::{
    io::{Read, Seek, SeekFrom},
    process::Stdio,
    time::{Duration, UNIX_EPOCH},
};

use camino::{Utf8Path, Utf8PathBuf};
use tokio::{process::Command, time::timeout};

use super::Process;
use crate::{
    deploy::{
        Candidate, FolderCheck, Glob, MAX_STORE_BYTES, Placeholders, StoreFile, StoreFiles, TargetError,
        Unreadable, too_long,
    },
    plan::Profile,
};

impl Process {
    /// Writes the files of the profile below the state folder: a local process has no disk of its own.
    pub(super) fn write_files(&self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        if Utf8Path::new(&fill.memory).starts_with(self.entry.state()) {
            fs_err::create_dir_all(&fill.memory).map_err(TargetError::disk(&fill.memory))?;
        }
        for (path, content) in &profile.files {
            let (state, filled) = (self.entry.state(), fill.apply(path));
            let path = Utf8Path::new(&filled);
            let inside = path.strip_prefix(&state).unwrap_or(path);
            let inside = inside.components().filter(|c| matches!(c, camino::Utf8Component::Normal(_)));
            let target = inside.fold(state.clone(), |path, part| path.join(part));
            let folder = target.parent().map(Utf8Path::to_owned).unwrap_or_default();
            fs_err::create_dir_all(folder).map_err(TargetError::disk(&filled))?;
            fs_err::write(&target, fill.apply(content)).map_err(TargetError::disk(&filled))?;
        }
        Ok(())
    }

    pub(in crate::deploy) fn read_files(&self, patterns: &[String]) -> Result<StoreFiles, Unreadable> {
        let state = self.entry.state();
        let mut found = vec![];
        for pattern in patterns {
            let pattern = pattern.replace("{state}", state.as_str());
            let Some(glob) = Glob::new(&pattern) else { continue };
            collect(Utf8Path::new(&glob.folder), &glob, 0, &mut found);
        }
        Ok(StoreFiles::newest(found, true, |path, size| {
            let bytes = read_end(&path, size).ok()?;
            Some(StoreFile { path: path.into_string(), bytes })
        }))
    }

    pub(in crate::deploy) async fn exec(&self, command: &[String]) -> Result<Vec<u8>, Unreadable> {
        let state = self.entry.state();
        let words: Vec<String> = command.iter().map(|word| word.replace("{state}", state.as_str())).collect();
        let (program, arguments) =
            words.split_first().ok_or_else(|| Unreadable("the command is empty".into()))?;
        let mut built = Command::new(program);
        built.args(arguments).current_dir(&state).stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(Duration::from_secs(10), built.output()).await;
        match output {
            Err(_) => Err(Unreadable(format!("`{program}` did not end within 10 s"))),
            Ok(Err(error)) => Err(Unreadable(format!("`{program}`: {error}"))),
            Ok(Ok(output)) if !output.status.success() => {
                Err(Unreadable(format!("`{program}`: {}", output.status)))
            }
            Ok(Ok(output)) if output.stdout.len() > MAX_STORE_BYTES => Err(Unreadable(too_long(program))),
            Ok(Ok(output)) => Ok(output.stdout),
        }
    }

    pub(in crate::deploy) fn memory_root(&self, root: &str) -> FolderCheck {
        let root = Utf8Path::new(root);
        if !root.is_dir() {
            return FolderCheck::Unusable(format!("{root} is not a folder"));
        }
        let probe = root.join(".coalmine-probe");
        let tried = std::fs::write(&probe, b"probe").and_then(|()| std::fs::read(&probe));
        let _ = std::fs::remove_file(&probe);
        match tried {
            Ok(read) if read == b"probe" => {
                FolderCheck::Writable(format!("{root} is a folder; a file written there was read back"))
            }
            Ok(_) => FolderCheck::Unusable(format!("a file written to {root} was read back changed")),
            Err(error) => FolderCheck::Unusable(format!("{root} cannot be written to: {error}")),
        }
    }
}

/// Finds the files that match, at a path and below it.
fn collect(path: &Utf8Path, glob: &Glob, depth: usize, found: &mut Vec<Candidate<Utf8PathBuf>>) {
    let Ok(metadata) = path.symlink_metadata() else { return };
    if metadata.is_dir() && depth < 16 {
        let entries = path.read_dir_utf8().into_iter().flatten().flatten();
        for entry in entries {
            collect(entry.path(), glob, depth + 1, found);
        }
    } else if metadata.is_file() && glob.matches(path.as_str()) {
        let written = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let written = written.map_or(0, |at| u64::try_from(at.as_nanos()).unwrap_or(u64::MAX));
        found.push(Candidate { written, size: metadata.len(), file: path.to_owned() });
    }
}

/// Reads the last bytes of a file.
fn read_end(path: &Utf8Path, size: u64) -> std::io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(size)))?;
    let mut bytes = vec![];
    file.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}
