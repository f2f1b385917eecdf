//! Files in and out of the container, by the archive API: there are no bind mounts, and a scratch image has no shell.

use std::io::Read;

use bollard::{
    Docker as Engine,
    query_parameters::{
        ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder,
        UploadToContainerOptionsBuilder,
    },
};
use bytes::Bytes;
use futures_util::StreamExt;
use tar::{Archive, Builder, EntryType, Header};

use super::container::STATE;
use crate::{
    deploy::{Placeholders, STORE_BYTES, STORE_FILES, StoreFile, TargetError, Unreadable, glob::Glob},
    plan::Profile,
};

/// The bit by which engines say that a path is a folder (Go's `fs.ModeDir`).
const GO_DIRECTORY: u32 = 1 << 31;

/// Writes the state folders and the profile's files into a container that was not started yet.
pub(super) async fn write(
    engine: &Engine,
    container: &str,
    profile: &Profile,
    fill: &Placeholders,
) -> Result<(), TargetError> {
    let archive = (|| {
        let mut tar = Builder::new(vec![]);
        // for any user that the image may run as
        for folder in [STATE.to_owned(), format!("{STATE}/memory")] {
            append(&mut tar, &folder, EntryType::Directory, 0o777, b"")?;
        }
        for (path, content) in &profile.files {
            append(&mut tar, &fill.apply(path), EntryType::Regular, 0o666, fill.apply(content).as_bytes())?;
        }
        tar.into_inner()
    })();
    let archive = archive.map_err(TargetError::disk("the files of the profile"))?;
    let options = UploadToContainerOptionsBuilder::new().path("/").build();
    let body = bollard::body_full(archive.into());
    let written = engine.upload_to_container(container, Some(options), body).await;
    written.map_err(TargetError::engine("write files into the container"))
}

fn append(
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

/// Reads files by patterns, out of the running container.
pub(super) async fn read(
    engine: &Engine,
    container: &str,
    patterns: &[String],
) -> Result<Vec<StoreFile>, Unreadable> {
    let mut found = vec![];
    for pattern in patterns {
        let pattern = pattern.replace("{state}", STATE);
        let Some(glob) = Glob::new(&pattern) else { continue };
        // a folder that is not there yet holds no sessions yet
        let Ok(archive) = download(engine, container, &glob.folder).await else { continue };
        // paths in the archive begin with the folder's own name
        let parent = glob.folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        let mut archive = Archive::new(archive.as_slice());
        let entries = archive.entries().map_err(|error| Unreadable(error.to_string()))?;
        for entry in entries.flatten() {
            let path = format!("{parent}/{}", entry.path_bytes().escape_ascii());
            let regular = entry.header().entry_type() == EntryType::Regular;
            if regular && glob.matches(&path) && found.len() < STORE_FILES {
                let mut bytes = vec![];
                let read = entry.take(STORE_BYTES as u64).read_to_end(&mut bytes);
                read.map_err(|error| Unreadable(error.to_string()))?;
                found.push(StoreFile { path, bytes });
            }
        }
    }
    Ok(found)
}

/// Whether a folder is there and the image's user may write to it. What is written is read back.
pub(super) async fn memory_root(
    engine: &Engine,
    container: &str,
    user: &str,
    root: &str,
) -> Result<Result<String, String>, Unreadable> {
    // one quick look is enough where anybody may write
    let options = ContainerArchiveInfoOptionsBuilder::new().path(root).build();
    if let Ok(info) = engine.get_container_archive_info(container, Some(options)).await
        && info.file_mode & GO_DIRECTORY != 0
        && info.file_mode & 0o002 != 0
    {
        return Ok(Ok(format!(
            "{root} is a folder with mode {:o}: any user may write there",
            info.file_mode & 0o777
        )));
    }
    let stat = |archive: &[u8]| {
        let mut archive = Archive::new(archive);
        let entry = archive.entries().ok()?.next()?.ok()?;
        let header = entry.header();
        Some((header.entry_type(), header.mode().ok()?, header.uid().ok()?, header.gid().ok()?))
    };
    let Ok(archive) = download(engine, container, root).await else {
        return Ok(Err(format!("{root} is not there")));
    };
    let Some((kind, mode, uid, gid)) = stat(&archive) else {
        return Err(Unreadable(format!("the engine's answer about {root} could not be read")));
    };
    if kind != EntryType::Directory {
        return Ok(Err(format!("{root} is not a folder")));
    }
    let (own_uid, own_gid) = resolve_user(engine, container, user).await?;
    let owner = own_uid == uid && mode & 0o200 != 0;
    let group = own_gid == Some(gid) && mode & 0o020 != 0;
    let may = own_uid == 0 || owner || group || mode & 0o002 != 0;
    let seen = format!("{root} is a folder of {uid}:{gid} with mode {:o}", mode & 0o7777);
    if !may {
        return Ok(Err(format!("{seen}; the image's user {own_uid} may not write there")));
    }
    let written = async {
        let mut tar = Builder::new(vec![]);
        append(&mut tar, ".coalmine-probe", EntryType::Regular, 0o666, b"probe")
            .map_err(|e| e.to_string())?;
        let archive = tar.into_inner().map_err(|error| error.to_string())?;
        let options = UploadToContainerOptionsBuilder::new().path(root).build();
        let body = bollard::body_full(archive.into());
        engine.upload_to_container(container, Some(options), body).await.map_err(|error| error.to_string())
    };
    Ok(match written.await {
        Ok(()) => Ok(format!("{seen}; the image's user {own_uid} may write there")),
        Err(cause) => Err(format!("{seen}, but nothing can be written there: {cause}")),
    })
}

/// The image's `USER` as numbers: empty is root; names are looked up in the container's own `/etc/passwd`.
async fn resolve_user(
    engine: &Engine,
    container: &str,
    user: &str,
) -> Result<(u64, Option<u64>), Unreadable> {
    let (name, group) = user.split_once(':').map_or((user, None), |(name, group)| (name, Some(group)));
    let group = group.and_then(|group| group.parse().ok());
    if name.is_empty() {
        return Ok((0, Some(0)));
    }
    if let Ok(uid) = name.parse() {
        return Ok((uid, group.or(Some(0))));
    }
    let archive = download(engine, container, "/etc/passwd").await?;
    let mut text = String::new();
    let mut archive = Archive::new(archive.as_slice());
    if let Some(Ok(mut entry)) = archive.entries().ok().and_then(|mut entries| entries.next()) {
        let _ = entry.read_to_string(&mut text);
    }
    let line = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let known = fields.next()? == name;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        known.then_some((uid, group.or(Some(gid))))
    });
    line.ok_or_else(|| Unreadable(format!("the image's user `{name}` is not in its /etc/passwd")))
}

/// A path as a tar archive, bounded.
async fn download(engine: &Engine, container: &str, path: &str) -> Result<Vec<u8>, Unreadable> {
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    let mut stream = std::pin::pin!(engine.download_from_container(container, Some(options)));
    let mut archive = vec![];
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes = chunk.map_err(|error| Unreadable(error.to_string()))?;
        // a cut archive still yields the files before the cut
        if archive.len() + chunk.len() > 2 * STORE_BYTES {
            break;
        }
        archive.extend_from_slice(&chunk);
    }
    Ok(archive)
}
