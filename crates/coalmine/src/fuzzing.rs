//! Entrances for the fuzz targets in `fuzz/`: readers that are otherwise behind a container, a folder or a
//! session store. Nothing else may use them.

use std::io::Write;

use coalmine_a2a::{Card, Dialect, Endpoint};
use url::Url;

use crate::{
    artifacts::{Artifacts, ArtifactsError},
    converse::{self, Ports},
    deploy::{self, Glob, HostEnvironment, StoreFile, StoreFiles, Unreadable},
    observe::{self, Store},
};

/// Reads the databases among these files.
pub fn read_sqlite(files: &[StoreFile]) -> Store {
    observe::read_sqlite(files, &HostEnvironment::default().ledger_folder())
}

/// Returns the addresses at which the runtime behind a card is looked for.
pub fn endpoints(base: &Url, card: &Card, dialect: Dialect, ports: Ports) -> Vec<Endpoint> {
    converse::endpoints(base, card, None, dialect, ports)
}

/// Returns the files in an archive of a container's folder that match a pattern.
///
/// # Errors
/// The archive cannot be read.
pub fn read_archive(archive: &[u8], pattern: &str) -> Result<StoreFiles, Unreadable> {
    deploy::read_archive(archive, pattern)
}

/// Returns whether a path matches a pattern, and the folder that is searched for matches; `None` if the
/// pattern is too long.
pub fn match_pattern(pattern: &str, path: &str) -> Option<(bool, String)> {
    let glob = Glob::new(pattern)?;
    Some((glob.matches(path), glob.folder))
}

/// Writes a file of evidence. Returns `None` if it cannot be written.
pub fn write_evidence(artifacts: &Artifacts, path: &str, content: &[u8]) -> Option<String> {
    artifacts.write(path, content)
}

/// Creates a file of evidence that is written piece by piece.
///
/// # Errors
/// The file cannot be created.
pub fn stream_evidence(artifacts: &Artifacts, path: &str) -> Result<Box<dyn Write + Send>, ArtifactsError> {
    artifacts.stream(path)
}
