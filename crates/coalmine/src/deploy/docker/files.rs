//! Files in and out of the container, by the archive API: there are no bind mounts, and a scratch image has
//! no shell.

use std::{collections::BTreeSet, io::Read};

use bollard::{
    Docker as Engine,
    query_parameters::{DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder},
};
use bytes::Bytes;
use futures_util::StreamExt;
use tar::{Archive, Builder, EntryType, Header};

use super::container::STATE;
use crate::{
    deploy::{
        Candidate, Glob, MAX_STORE_BYTES, Placeholders, StoreFile, StoreFiles, TargetError, Unreadable,
    },
    plan::Profile,
};

/// Writes the state folders and the profile's files into a container that has not been started yet.
pub(super) async fn write(
    engine: &Engine,
    container: &str,
    profile: &Profile,
    fill: &Placeholders,
) -> Result<(), TargetError> {
    let archive = pack(profile, fill).map_err(TargetError::disk("the files of the profile"))?;
    let options = UploadToContainerOptionsBuilder::new().path("/").build();
    let body = bollard::body_full(archive.into());
    let written = engine.upload_to_container(container, Some(options), body).await;
    written.map_err(TargetError::engine("write files into the container"))
}

/// Returns the state folders and the profile's files as a tar archive.
fn pack(profile: &Profile, fill: &Placeholders) -> std::io::Result<Vec<u8>> {
    let mut folders = OpenFolders { tar: Builder::new(vec![]), made: BTreeSet::new() };
    folders.make(STATE)?;
    if fill.memory.starts_with(&format!("{STATE}/")) {
        folders.make(&fill.memory)?;
    }
    for (path, content) in &profile.files {
        let path = fill.apply(path);
        folders.make(path.rsplit_once('/').map_or("", |(folder, _)| folder))?;
        append(&mut folders.tar, &path, EntryType::Regular, 0o666, fill.apply(content).as_bytes())?;
    }
    folders.tar.into_inner()
}

/// An archive whose folders below the state folder are open to any user that the image may run as. The engine would
/// make missing ones for root alone.
struct OpenFolders {
    tar: Builder<Vec<u8>>,
    made: BTreeSet<String>,
}

impl OpenFolders {
    /// Appends a folder and those above it, up to the state folder. Other folders are the image's.
    fn make(&mut self, path: &str) -> std::io::Result<()> {
        let path = path.trim_end_matches('/');
        let is_ours = path == STATE || path.starts_with(&format!("{STATE}/"));
        if !is_ours || !self.made.insert(path.to_owned()) {
            return Ok(());
        }
        if let Some((above, _)) = path.rsplit_once('/') {
            self.make(above)?;
        }
        append(&mut self.tar, path, EntryType::Directory, 0o777, b"")
    }
}

/// Appends one file or folder to a tar archive.
pub(super) fn append(
    tar: &mut Builder<Vec<u8>>,
    path: &str,
    kind: EntryType,
    mode: u32,
    content: &[u8],
) -> std::io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, path.trim_start_matches('/'), content)
}

/// Reads files of the running container by patterns, at most `max` bytes of them.
pub(super) async fn read(
    engine: &Engine,
    container: &str,
    patterns: &[String],
    max: usize,
) -> Result<StoreFiles, Unreadable> {
    let (mut found, mut complete) = (vec![], true);
    for pattern in patterns {
        let pattern = pattern.replace("{state}", STATE);
        let Some(glob) = Glob::new(&pattern) else { continue };
        // a folder that is not there yet holds no sessions yet
        let Ok(downloaded) = download(engine, container, &glob.folder, 2 * max).await else { continue };
        complete &= downloaded.complete;
        complete &= unpack(&downloaded.archive, &glob, 2 * max, &mut found)?;
    }
    Ok(newest(found, complete, max))
}

/// Reads the files in an archive of a pattern's folder.
pub(crate) fn read_archive(archive: &[u8], pattern: &str) -> Result<StoreFiles, Unreadable> {
    let mut found = vec![];
    let Some(glob) = Glob::new(pattern) else { return Ok(StoreFiles::default()) };
    let complete = unpack(archive, &glob, 2 * MAX_STORE_BYTES, &mut found)?;
    Ok(newest(found, complete, MAX_STORE_BYTES))
}

/// Adds the files that match to those found, each up to `max` bytes. Returns whether the archive was read to its end.
fn unpack(
    archive: &[u8],
    glob: &Glob,
    max: usize,
    found: &mut Vec<Candidate<StoreFile>>,
) -> Result<bool, Unreadable> {
    // paths in the archive begin with the folder's own name
    let parent = glob.folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut complete = true;
    let mut archive = Archive::new(archive);
    for entry in archive.entries().map_err(|error| Unreadable(error.to_string()))?.flatten() {
        let path = format!("{parent}/{}", entry.path_bytes().escape_ascii());
        if entry.header().entry_type() == EntryType::Regular && glob.matches(&path) {
            let (written, size) = (entry.header().mtime().unwrap_or_default(), entry.size());
            let mut bytes = vec![];
            let read = entry.take(max as u64).read_to_end(&mut bytes);
            // the last file of a cut archive is cut as well
            complete &= read.is_ok() && bytes.len() as u64 == size;
            found.push(Candidate { written, size: bytes.len() as u64, file: StoreFile { path, bytes } });
        }
    }
    Ok(complete)
}

/// Returns the files that were written last, within the bounds of a store.
fn newest(found: Vec<Candidate<StoreFile>>, complete: bool, max: usize) -> StoreFiles {
    StoreFiles::newest(found, complete, max, |mut file, size| {
        let cut = file.bytes.len().saturating_sub(usize::try_from(size).unwrap_or(usize::MAX));
        file.bytes.drain(..cut);
        Some(file)
    })
}

/// A path of the container as a tar archive.
pub(super) struct Downloaded {
    pub(super) archive: Vec<u8>,
    /// Whether nothing was cut off.
    pub(super) complete: bool,
}

/// Downloads a path of the container as a tar archive, at most `max` bytes of it.
pub(super) async fn download(
    engine: &Engine,
    container: &str,
    path: &str,
    max: usize,
) -> Result<Downloaded, Unreadable> {
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    let mut stream = std::pin::pin!(engine.download_from_container(container, Some(options)));
    let mut archive = vec![];
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes = chunk.map_err(|error| Unreadable(error.to_string()))?;
        // a cut archive still yields the files before the cut
        if archive.len() + chunk.len() > max {
            return Ok(Downloaded { archive, complete: false });
        }
        archive.extend_from_slice(&chunk);
    }
    Ok(Downloaded { archive, complete: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_below_the_state_are_open_to_any_user() {
        let text = "[memory]\nroot = \"{state}/home/notes\"\n[files]\n\"{state}/conf/a/b.toml\" = \"x\"\n\"/etc/app.toml\" = \"y\"\n";
        let profile = Profile::read("mine", "mine.toml", &format!("port = 1\n{text}")).unwrap();
        let fill = Placeholders {
            state: STATE.into(),
            memory: format!("{STATE}/home/notes"),
            ..Placeholders::default()
        };
        let packed = pack(&profile, &fill).unwrap();
        let mut archive = Archive::new(&packed[..]);
        let entries: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap())
            })
            .collect();
        let expected = [
            ("coalmine", 0o777),
            ("coalmine/home", 0o777),
            ("coalmine/home/notes", 0o777),
            ("etc/app.toml", 0o666),
            ("coalmine/conf", 0o777),
            ("coalmine/conf/a", 0o777),
            ("coalmine/conf/a/b.toml", 0o666),
        ];
        for (path, mode) in expected {
            assert!(entries.contains(&(path.to_owned(), mode)), "{path} {entries:?}");
        }
        assert_eq!(entries.len(), expected.len(), "{entries:?}");
    }
}
