//! The search for files below a folder that the runtime can write to.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use super::paths::RealPaths;
use crate::{
    deploy::{Candidate, StoreFile, StoreFiles, glob::Glob},
    untrusted::{Folder, Found, Kind},
};

/// The most names that are looked at.
const MAX_NAMES: usize = 200_000;
/// The deepest folder that is searched, below the first one.
const MAX_DEPTH: usize = 32;
/// The longest that a search may take.
const WITHIN: Duration = Duration::from_secs(5);

/// A search, as far as it has come.
pub(super) struct Search<'a> {
    paths: &'a RealPaths,
    found: Vec<Candidate<Utf8PathBuf>>,
    names_left: usize,
    until: Instant,
    complete: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(paths: &'a RealPaths) -> Self {
        let until = Instant::now() + WITHIN;
        Self { paths, found: vec![], names_left: MAX_NAMES, until, complete: true }
    }

    /// Finds the files that match a pattern.
    pub(super) fn find(&mut self, glob: &Glob) {
        let start = Utf8Path::new(&glob.folder);
        let Some((above, name)) = start.parent().zip(start.file_name()) else {
            if let Ok(root) = Folder::open(start) {
                self.folder(&root, start, glob, 0);
            }
            return;
        };
        if let Ok(above) = Folder::open(&self.paths.of(above)) {
            // the last part of the path may be a link that was known before
            match Folder::open(&self.paths.of(start)) {
                Ok(folder) => self.folder(&folder, start, glob, 0),
                Err(_) => self.name(&above, start, name, glob, 0),
            }
        }
    }

    fn folder(&mut self, folder: &Folder, path: &Utf8Path, glob: &Glob, depth: usize) {
        let Ok(names) = folder.names() else { return };
        for name in names {
            if self.names_left == 0 || Instant::now() > self.until {
                self.complete = false;
                return;
            }
            self.names_left -= 1;
            self.name(folder, &path.join(&name), &name, glob, depth);
        }
    }

    fn name(&mut self, folder: &Folder, path: &Utf8Path, name: &str, glob: &Glob, depth: usize) {
        match folder.find(name) {
            Ok(Found { kind: Kind::Folder, .. }) if depth >= MAX_DEPTH => self.complete = false,
            Ok(Found { kind: Kind::Folder, .. }) => {
                if let Ok(inner) = folder.folder(name) {
                    self.folder(&inner, path, glob, depth + 1);
                }
            }
            Ok(Found { kind: Kind::File, size, written }) if glob.matches(path.as_str()) => {
                self.found.push(Candidate { written, size, file: path.to_owned() });
            }
            _ => {}
        }
    }

    /// Reads the files that were found, at most `max` bytes of them.
    pub(super) fn read(self, max: usize) -> StoreFiles {
        let Self { paths, found, until, .. } = self;
        let mut in_time = true;
        let mut read = StoreFiles::newest(found, self.complete, max, |path, size| {
            in_time &= Instant::now() <= until;
            if !in_time {
                return None;
            }
            let file = Folder::open(&paths.of(path.parent()?)).ok()?.file(path.file_name()?).ok()?;
            Some(StoreFile { bytes: file.read_end(size).ok()?, path: path.into_string() })
        });
        read.complete &= in_time;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is found, as paths below `@` and contents, and whether that is all.
    fn found(folder: &Utf8Path, pattern: &str) -> (Vec<(String, usize)>, bool) {
        let paths = RealPaths::default();
        let mut search = Search::new(&paths);
        search.find(&Glob::new(&pattern.replace("@", folder.as_str())).unwrap());
        let read = search.read(crate::deploy::MAX_STORE_BYTES);
        let file = |file: StoreFile| (file.path.replace(folder.as_str(), "@"), file.bytes.len());
        (read.files.into_iter().map(file).collect(), read.complete)
    }

    #[test]
    fn only_files_of_the_folder_are_read() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Utf8PathBuf::from_path_buf(scratch.path().canonicalize().unwrap()).unwrap();
        std::fs::create_dir_all(folder.join("state/inner")).unwrap();
        std::fs::create_dir_all(folder.join("outside")).unwrap();
        std::fs::write(folder.join("state/inner/a.json"), "12").unwrap();
        std::fs::write(folder.join("outside/b.json"), "123").unwrap();
        std::os::unix::fs::symlink("../outside", folder.join("state/link")).unwrap();
        std::os::unix::fs::symlink("../outside/b.json", folder.join("state/c.json")).unwrap();
        assert_eq!(found(&folder, "@/state/**"), (vec![("@/state/inner/a.json".into(), 2)], true));
        assert_eq!(found(&folder, "@/state/inner/a.json"), (vec![("@/state/inner/a.json".into(), 2)], true));
        assert_eq!(found(&folder, "@/state/c.json"), (vec![], true));
        assert_eq!(found(&folder, "@/state/link/b.json"), (vec![], true));
    }

    #[test]
    fn sparse_file_is_read_to_a_bound() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Utf8PathBuf::from_path_buf(scratch.path().canonicalize().unwrap()).unwrap();
        std::fs::File::create(folder.join("big")).unwrap().set_len(1 << 40).unwrap();
        let (files, complete) = found(&folder, "@/*");
        assert_eq!((files, complete), (vec![("@/big".into(), crate::deploy::MAX_STORE_BYTES)], false));
    }

    #[test]
    fn what_is_too_deep_is_reported_as_missing() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Utf8PathBuf::from_path_buf(scratch.path().canonicalize().unwrap()).unwrap();
        std::fs::create_dir_all(folder.join("d/".repeat(MAX_DEPTH + 1))).unwrap();
        assert_eq!(found(&folder, "@/**"), (vec![], false));
    }
}
