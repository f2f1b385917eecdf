//! Whether the image's user may write to a folder in the container.

use std::io::Read;

use bollard::{
    Docker as Engine,
    query_parameters::{ContainerArchiveInfoOptionsBuilder, UploadToContainerOptionsBuilder},
};
use tar::{Archive, Builder, EntryType};

use super::files::{Downloaded, append, download};
use crate::deploy::{FolderCheck, MAX_STORE_BYTES, Unreadable};

/// The bit that engines set in the mode of a folder (Go's `fs.ModeDir`).
const GO_DIRECTORY: u32 = 1 << 31;

/// A user as the kernel knows it.
struct UserIds {
    uid: u64,
    gid: Option<u64>,
}

/// An entry of the container's disk, as its archive describes it.
struct Stat {
    kind: EntryType,
    mode: u32,
    uid: u64,
    gid: u64,
}

/// Checks whether a folder exists and the image's user may write to it, and writes a file there.
pub(super) async fn check(
    engine: &Engine,
    container: &str,
    user: &str,
    root: &str,
) -> Result<FolderCheck, Unreadable> {
    // one quick request is enough if anybody may write
    let options = ContainerArchiveInfoOptionsBuilder::new().path(root).build();
    if let Ok(info) = engine.get_container_archive_info(container, Some(options)).await
        && info.file_mode & GO_DIRECTORY != 0
        && info.file_mode & 0o002 != 0
    {
        let mode = info.file_mode & 0o777;
        return Ok(FolderCheck::Writable(format!(
            "{root} is a folder with mode {mode:o}: any user may write there"
        )));
    }
    let Ok(Downloaded { archive, .. }) = download(engine, container, root, MAX_STORE_BYTES).await else {
        return Ok(FolderCheck::Unusable(format!("{root} does not exist")));
    };
    let Some(stat) = Stat::of_first(&archive) else {
        return Err(Unreadable(format!("the engine's answer about {root} could not be read")));
    };
    if stat.kind != EntryType::Directory {
        return Ok(FolderCheck::Unusable(format!("{root} is not a folder")));
    }
    let own = resolve_user(engine, container, user).await?;
    let seen = format!("{root} is a folder of {}:{} with mode {:o}", stat.uid, stat.gid, stat.mode & 0o7777);
    if !stat.lets_write(&own) {
        let sentence = format!("{seen}; the image's user {} may not write there", own.uid);
        return Ok(FolderCheck::Unusable(sentence));
    }
    Ok(match write_probe(engine, container, root).await {
        Ok(()) => FolderCheck::Writable(format!("{seen}; the image's user {} may write there", own.uid)),
        Err(cause) => FolderCheck::Unusable(format!("{seen}, but nothing can be written there: {cause}")),
    })
}

impl Stat {
    /// Reads the first entry of a tar archive.
    fn of_first(archive: &[u8]) -> Option<Self> {
        let mut archive = Archive::new(archive);
        let entry = archive.entries().ok()?.next()?.ok()?;
        let header = entry.header();
        Some(Self {
            kind: header.entry_type(),
            mode: header.mode().ok()?,
            uid: header.uid().ok()?,
            gid: header.gid().ok()?,
        })
    }

    fn lets_write(&self, user: &UserIds) -> bool {
        let as_owner = user.uid == self.uid && self.mode & 0o200 != 0;
        let as_group = user.gid == Some(self.gid) && self.mode & 0o020 != 0;
        user.uid == 0 || as_owner || as_group || self.mode & 0o002 != 0
    }
}

async fn write_probe(engine: &Engine, container: &str, root: &str) -> Result<(), String> {
    let mut tar = Builder::new(vec![]);
    append(&mut tar, ".coalmine-probe", EntryType::Regular, 0o666, b"probe")
        .map_err(|error| error.to_string())?;
    let archive = tar.into_inner().map_err(|error| error.to_string())?;
    let options = UploadToContainerOptionsBuilder::new().path(root).build();
    let body = bollard::body_full(archive.into());
    engine.upload_to_container(container, Some(options), body).await.map_err(|error| error.to_string())
}

/// Returns the image's `USER` as numbers: empty is root; names are looked up in the container's own
/// `/etc/passwd`.
async fn resolve_user(engine: &Engine, container: &str, user: &str) -> Result<UserIds, Unreadable> {
    let (name, group) = user.split_once(':').map_or((user, None), |(name, group)| (name, Some(group)));
    let group = group.and_then(|group| group.parse().ok());
    if name.is_empty() {
        return Ok(UserIds { uid: 0, gid: Some(0) });
    }
    if let Ok(uid) = name.parse() {
        return Ok(UserIds { uid, gid: group.or(Some(0)) });
    }
    let Downloaded { archive, .. } = download(engine, container, "/etc/passwd", MAX_STORE_BYTES).await?;
    let mut text = String::new();
    let mut archive = Archive::new(archive.as_slice());
    if let Some(Ok(mut entry)) = archive.entries().ok().and_then(|mut entries| entries.next()) {
        let _ = entry.read_to_string(&mut text);
    }
    let line = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let known = fields.next()? == name;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        known.then_some(UserIds { uid, gid: group.or(Some(gid)) })
    });
    line.ok_or_else(|| Unreadable(format!("the image's user `{name}` is not in its /etc/passwd")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets(mode: u32, uid: u64, gid: Option<u64>) -> bool {
        Stat { kind: EntryType::Directory, mode, uid: 10, gid: 20 }.lets_write(&UserIds { uid, gid })
    }

    #[test]
    fn mode_decides_who_may_write() {
        assert!(lets(0o700, 10, None) && !lets(0o500, 10, None));
        assert!(lets(0o770, 11, Some(20)) && !lets(0o750, 11, Some(20)) && !lets(0o770, 11, Some(21)));
        assert!(lets(0o702, 11, None) && !lets(0o700, 11, None));
        assert!(lets(0o000, 0, None), "root may write anywhere");
    }
}
