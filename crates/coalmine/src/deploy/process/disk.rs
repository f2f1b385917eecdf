//! The disk of a local process: its state folder, and the files that a profile names.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Process, search::Search};
use crate::{
    deploy::{FolderCheck, Placeholders, StoreFiles, TargetError, Unreadable, glob::Glob},
    plan::Profile,
    untrusted::{Folder, fresh_name, on_disk},
};

impl Process {
    /// Notes where the folders of the profile are, before the runtime runs for the first time.
    pub(super) fn note_paths(&mut self, profile: &Profile, fill: &Placeholders) {
        self.paths.note(&self.entry.state());
        self.paths.note(Utf8Path::new(&fill.memory));
        for pattern in profile.state.files.iter().chain(profile.state.sqlite.iter()) {
            if let Some(glob) = Glob::new(&fill.apply(pattern)) {
                self.paths.note(Utf8Path::new(&glob.folder));
            }
        }
    }

    /// Writes the files of the profile below the state folder: a local process has no disk of its own.
    pub(super) async fn write_files(
        &self,
        profile: &Profile,
        fill: &Placeholders,
    ) -> Result<(), TargetError> {
        let state = self.entry.state();
        let memory = Utf8Path::new(&fill.memory);
        let memory = memory.starts_with(&state).then(|| self.paths.of(memory));
        let files: Vec<(Utf8PathBuf, String)> = profile
            .files
            .iter()
            .map(|(path, content)| {
                let filled = Utf8PathBuf::from(fill.apply(path));
                let inside = filled.strip_prefix(&state).unwrap_or(&filled);
                let inside = inside.components().filter(|c| matches!(c, camino::Utf8Component::Normal(_)));
                let target = inside.fold(state.clone(), |path, part| path.join(part));
                (self.paths.of(&target), fill.apply(content))
            })
            .collect();
        let written = self.write(move || {
            if let Some(memory) = memory {
                Folder::create(&memory).map_err(at(&memory))?;
            }
            for (path, content) in files {
                if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                    let folder = Folder::create(folder).map_err(at(&path))?;
                    folder.replace(name, content.as_bytes()).map_err(at(&path))?;
                }
            }
            Ok(())
        });
        written.await.map_err(TargetError::disk("the state folder"))
    }

    /// Does work that writes to the disk. The state folder is not removed before it has ended.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let token = self.writing.token();
        on_disk(move || {
            let done = work();
            drop(token);
            done
        })
        .await
    }

    pub(in crate::deploy) async fn read_files(
        &self,
        patterns: &[String],
        max: usize,
    ) -> Result<StoreFiles, Unreadable> {
        let (state, paths) = (self.entry.state(), self.paths.clone());
        let patterns = patterns.iter().map(|pattern| pattern.replace("{state}", state.as_str()));
        let globs: Vec<Glob> = patterns.filter_map(|pattern| Glob::new(&pattern)).collect();
        let read = on_disk(move || {
            let mut search = Search::new(&paths);
            for glob in &globs {
                search.find(glob);
            }
            Ok(search.read(max))
        });
        read.await.map_err(|error| Unreadable(format!("the files of the runtime: {error}")))
    }

    pub(in crate::deploy) async fn memory_root(&self, root: &str) -> FolderCheck {
        let (named, real) = (root.to_owned(), self.paths.of(Utf8Path::new(root)));
        let tried = self.write(move || {
            let folder = Folder::open(&real)?;
            let probe = fresh_name();
            folder.write_new(&probe, PROBE)?;
            let read = folder.file(&probe).and_then(|file| file.read_whole(PROBE.len() as u64));
            // what cannot be removed goes with the state folder
            let _ = folder.remove_file(&probe);
            read
        });
        match tried.await {
            Ok(read) if read == PROBE => {
                FolderCheck::Writable(format!("{named} is a folder; a file written there was read back"))
            }
            Ok(_) => FolderCheck::Unusable(format!("a file written to {named} was read back changed")),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                FolderCheck::Unusable(format!("{named} is not a folder"))
            }
            Err(error) => FolderCheck::Unusable(format!("{named} is no folder to write to: {error}")),
        }
    }
}

/// What is written to see whether a folder is writable.
const PROBE: &[u8] = b"probe";

/// Returns an error with the path that it is about.
fn at(path: &Utf8Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("`{path}`: {error}"))
}
