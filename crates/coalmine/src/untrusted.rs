//! Files in folders that a runtime can write to.
//!
//! The runtime may put a link, a FIFO, a device or a file without an end under any name, and may do it between
//! two steps of ours. So folders are walked from one open folder to the next, links are never followed, only
//! regular files are opened, and their size is known before a byte of them is read.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::fd::{AsFd, OwnedFd},
    path::{Component, Path},
    time::Duration,
};

use camino::Utf8Path;
use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, chmod, fstat, mkdirat, openat, renameat, statat,
        unlinkat,
    },
    io::Errno,
};

/// How deep folders are descended to be emptied.
const MAX_DEPTH: usize = 100;

/// How a folder on the way to another one is opened: on Linux even one that cannot be listed.
#[cfg(target_os = "linux")]
const SEARCH: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const SEARCH: OFlags = OFlags::RDONLY;

/// What every opened folder has in common.
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// What every opened file has in common. A FIFO does not block, and a terminal does not become ours.
const FILE: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The longest that work on a disk may take.
const DISK_WITHIN: Duration = Duration::from_secs(10);

/// An open folder, which stays the same whatever happens to its path.
#[derive(Debug)]
pub struct Folder(OwnedFd);

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written last, in nanoseconds since 1970.
    pub written: u64,
}

/// The kind of what stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a FIFO, a socket or a device.
    Other,
}

/// A regular file that is open for reading.
#[derive(Debug)]
pub struct RegularFile {
    file: File,
    size: u64,
}

impl Folder {
    /// Opens a folder by its absolute path.
    ///
    /// # Errors
    /// There is no such folder, or a part of the path is a link.
    pub fn open(path: &Utf8Path) -> io::Result<Self> {
        root()?.walk(path, |folder, name| folder.folder(name))
    }

    /// Opens a folder by its absolute path, and creates it and those above it if they are missing.
    ///
    /// # Errors
    /// It cannot be created, or a part of the path is a link or no folder.
    pub fn create(path: &Utf8Path) -> io::Result<Self> {
        root()?.walk(path, |folder, name| match mkdirat(&folder.0, name, Mode::from_raw_mode(0o777)) {
            Err(error) if error != Errno::EXIST => Err(error.into()),
            _ => folder.folder(name),
        })
    }

    fn walk(self, path: &Utf8Path, step: impl Fn(&Self, &str) -> io::Result<Self>) -> io::Result<Self> {
        let mut folder = self;
        for part in path.components() {
            match part {
                camino::Utf8Component::Normal(name) => folder = step(&folder, name)?,
                camino::Utf8Component::RootDir | camino::Utf8Component::CurDir => {}
                _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path has `..` in it")),
            }
        }
        Ok(folder)
    }

    /// Opens a folder in this one.
    ///
    /// # Errors
    /// There is no folder of that name.
    pub fn folder(&self, name: impl AsRef<Path>) -> io::Result<Self> {
        let opened = openat(&self.0, single(name.as_ref())?, SEARCH | FOLDER, Mode::empty());
        Ok(Self(opened.map_err(|error| self.described(name.as_ref(), error))?))
    }

    /// Opens a regular file in this folder for reading.
    ///
    /// # Errors
    /// There is no regular file of that name.
    pub fn file(&self, name: impl AsRef<Path>) -> io::Result<RegularFile> {
        let name = single(name.as_ref())?;
        // to open a device may do something already
        regular(&statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?)?;
        let opened = openat(&self.0, name, OFlags::RDONLY | FILE, Mode::empty())?;
        let size = regular(&fstat(&opened)?)?.size;
        Ok(RegularFile { file: opened.into(), size })
    }

    /// Returns what stands under a name.
    ///
    /// # Errors
    /// Nothing does.
    pub fn find(&self, name: impl AsRef<Path>) -> io::Result<Found> {
        Ok(found(&statat(&self.0, single(name.as_ref())?, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// Returns the names in this folder, in no order, as they are read; those that are not UTF-8 are left out.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn names(&self) -> io::Result<impl Iterator<Item = String>> {
        Ok(self.list()?.filter_map(|name| name.into_string().ok()))
    }

    fn list(&self) -> io::Result<impl Iterator<Item = std::ffi::OsString>> {
        use std::os::unix::ffi::OsStringExt;
        let listed = openat(&self.0, ".", OFlags::RDONLY | FOLDER, Mode::empty())?;
        let names = Dir::new(listed)?.map_while(Result::ok).map(|entry| entry.file_name().to_owned());
        let names = names.filter(|name| !matches!(name.to_bytes(), b"." | b".."));
        Ok(names.map(|name| std::ffi::OsString::from_vec(name.into_bytes())))
    }

    /// Writes a new file under a name that is not in use.
    ///
    /// # Errors
    /// The name is in use, or the file cannot be written.
    pub fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | FILE;
        let opened = openat(&self.0, single(name.as_ref())?, flags, Mode::from_raw_mode(0o666))?;
        File::from(opened).write_all(content)
    }

    /// Writes a file under a name; replaces what stands there, unless it is a folder. A link is not followed.
    ///
    /// # Errors
    /// The file cannot be written, or the name is that of a folder.
    pub fn replace(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let fresh = fresh_name();
        let written = self.write_new(&fresh, content).and_then(|()| {
            let renamed = renameat(&self.0, &fresh, &self.0, single(name.as_ref())?);
            renamed.map_err(io::Error::from)
        });
        if written.is_err() {
            // the first error is the one to report
            let _ = self.remove_file(&fresh);
        }
        written
    }

    /// Removes a name that is not that of a folder.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove_file(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, single(name.as_ref())?, AtFlags::empty())?)
    }

    /// Removes a folder with all that is in it, however deep that is. What is very deep is moved up into this folder
    /// first, so that neither the stack nor open files are used up.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn remove_folder(&self, name: &str) -> io::Result<()> {
        let mut left = vec![name.to_owned()];
        while let Some(name) = left.pop() {
            let folder = self.folder(&name)?;
            folder.empty(self, 0, &mut left)?;
            unlinkat(&self.0, &name, AtFlags::REMOVEDIR)?;
        }
        Ok(())
    }

    /// Removes all that is in this folder, or moves it up.
    fn empty(&self, top: &Self, depth: usize, moved: &mut Vec<String>) -> io::Result<()> {
        self.make_writable();
        for name in self.list()? {
            if unlinkat(&self.0, &name, AtFlags::empty()).is_ok() {
                continue;
            }
            let inner = self.folder(&name)?;
            if depth < MAX_DEPTH {
                inner.empty(top, depth + 1, moved)?;
                unlinkat(&self.0, &name, AtFlags::REMOVEDIR)?;
            } else {
                inner.make_writable();
                let fresh = fresh_name();
                renameat(&self.0, &name, &top.0, &fresh)?;
                moved.push(fresh);
            }
        }
        Ok(())
    }

    /// Makes the folder writable for its owner, if that can be done; what is in it cannot be removed otherwise.
    fn make_writable(&self) {
        use std::os::fd::AsRawFd;
        // the folder itself, whatever stands under its name now
        let _ = chmod(format!("/proc/self/fd/{}", self.0.as_fd().as_raw_fd()), Mode::from_raw_mode(0o700));
    }

    /// Returns an error that says if a link is in the way.
    fn described(&self, name: &Path, error: Errno) -> io::Error {
        match self.find(name).map(|found| found.kind) {
            Ok(Kind::Other) => io::Error::other(format!(
                "`{}` is a link or a special file, which is not followed",
                name.display()
            )),
            _ => error.into(),
        }
    }
}

impl RegularFile {
    /// Opens a regular file. Links in the path are followed, except for the last part.
    ///
    /// # Errors
    /// It is missing, or not a regular file.
    pub fn open(path: &Utf8Path) -> io::Result<Self> {
        let parent = path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(".".into());
        let name = path.file_name().ok_or(Errno::INVAL)?;
        let flags = SEARCH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Folder(openat(CWD, parent.as_str(), flags, Mode::empty())?).file(name)
    }

    /// Returns the size when the file was opened, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads the end of the file, at most this many bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_end(mut self, max: u64) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(self.size.saturating_sub(max)))?;
        let mut bytes = vec![];
        self.file.take(max).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads the whole file.
    ///
    /// # Errors
    /// The file cannot be read, or is longer than `max` bytes.
    pub fn read_whole(self, max: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![];
        if self.size <= max {
            self.file.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
        }
        if self.size > max || bytes.len() as u64 > max {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it is longer than {max} bytes"),
            ));
        }
        Ok(bytes)
    }

    /// Returns the open file.
    pub fn into_file(self) -> File {
        self.file
    }
}

/// Does work on a disk off the async threads. A file system that hangs keeps its thread, but holds up nothing else.
///
/// # Errors
/// The work fails, or takes longer than 10 s.
pub async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match tokio::time::timeout(DISK_WITHIN, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => Err(io::Error::other(error)),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("the disk did not answer within {} s", DISK_WITHIN.as_secs()),
        )),
    }
}

/// Returns a name that nobody can guess.
pub fn fresh_name() -> String {
    format!(".coalmine-{}", uuid::Uuid::new_v4().simple())
}

fn root() -> io::Result<Folder> {
    Ok(Folder(openat(CWD, "/", SEARCH | FOLDER, Mode::empty())?))
}

/// Returns the name if it is one name, not a path.
fn single(name: &Path) -> io::Result<&Path> {
    let mut parts = name.components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(only)), None) if only == name.as_os_str() => Ok(name),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a name in a folder")),
    }
}

fn regular(stat: &Stat) -> io::Result<Found> {
    let found = found(stat);
    if found.kind == Kind::File { Ok(found) } else { Err(io::Error::other("it is not a regular file")) }
}

fn found(stat: &Stat) -> Found {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        _ => Kind::Other,
    };
    // the runtime may set any time: one before 1970 is old, and one after 2554 is new
    let written = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
    let written = u64::try_from(written.clamp(0, i128::from(u64::MAX))).unwrap_or_default();
    Found { kind, size: u64::try_from(stat.st_size).unwrap_or_default(), written }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use camino::Utf8PathBuf;
    use tempfile::TempDir;

    use super::*;

    fn scratch() -> (TempDir, Utf8PathBuf, Folder) {
        let scratch = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(scratch.path().canonicalize().unwrap()).unwrap();
        let folder = Folder::open(&path).unwrap();
        (scratch, path, folder)
    }

    fn fifo(path: &Utf8Path) {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn links_are_not_followed() {
        let (_guard, path, folder) = scratch();
        fs::create_dir(path.join("real")).unwrap();
        fs::write(path.join("real/file"), "precious").unwrap();
        symlink("real", path.join("link")).unwrap();
        symlink("real/file", path.join("file")).unwrap();
        assert!(folder.file("file").is_err());
        let error = Folder::open(&path.join("link")).unwrap_err().to_string();
        assert!(error.contains("`link` is a link"), "{error}");
        assert!(Folder::create(&path.join("link/inner")).is_err() && !path.join("real/inner").exists());
        folder.write_new("file", b"x").unwrap_err();
        folder.replace("file", b"new").unwrap();
        assert_eq!(fs::read(path.join("file")).unwrap(), b"new");
        assert_eq!(fs::read(path.join("real/file")).unwrap(), b"precious");
    }

    #[test]
    fn fifos_and_devices_are_not_opened() {
        let (_guard, path, folder) = scratch();
        fifo(&path.join("fifo"));
        assert!(folder.file("fifo").is_err() && RegularFile::open(&path.join("fifo")).is_err());
        folder.write_new("fifo", b"x").unwrap_err();
        folder.replace("fifo", b"new").unwrap();
        assert_eq!(folder.file("fifo").unwrap().read_whole(9).unwrap(), b"new");
        assert!(RegularFile::open(Utf8Path::new("/dev/zero")).is_err());
    }

    #[test]
    fn files_are_read_within_a_bound() {
        let (_guard, path, folder) = scratch();
        File::create(path.join("sparse")).unwrap().set_len(1 << 40).unwrap();
        let sparse = || folder.file("sparse").unwrap();
        assert_eq!((sparse().size(), sparse().read_end(10).unwrap().len()), (1 << 40, 10));
        assert_eq!(sparse().read_whole(10).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        folder.write_new("short", b"0123456789").unwrap();
        assert_eq!(folder.file("short").unwrap().read_end(3).unwrap(), b"789");
        assert_eq!(folder.file("short").unwrap().read_whole(10).unwrap(), b"0123456789");
        // grows without end while it is read: its size says nothing
        assert!(RegularFile { file: File::open("/dev/zero").unwrap(), size: 0 }.read_whole(10).is_err());
    }

    #[test]
    fn only_single_names_are_taken() {
        let (_guard, _, folder) = scratch();
        for name in ["", ".", "..", "/etc", "a/b", "a/", "../x"] {
            assert!(folder.file(name).is_err() && folder.replace(name, b"").is_err(), "{name}");
        }
        assert!(Folder::open(Utf8Path::new("/tmp/../etc")).is_err());
    }

    #[test]
    fn deep_and_closed_folders_are_removed() {
        let (_guard, path, folder) = scratch();
        fs::create_dir(path.join("state")).unwrap();
        let mut inner = folder.folder("state").unwrap();
        // deeper than a path may be long and than files may be open
        for _ in 0..5_000 {
            mkdirat(&inner.0, "d", Mode::from_raw_mode(0o700)).unwrap();
            inner = inner.folder("d").unwrap();
        }
        fs::create_dir(path.join("state/closed")).unwrap();
        fs::write(path.join("state/closed/file"), "").unwrap();
        chmod(path.join("state/closed").as_str(), Mode::empty()).unwrap();
        symlink("/", path.join("state/link")).unwrap();
        folder.remove_folder("state").unwrap();
        assert_eq!(folder.names().unwrap().count(), 0);
    }
}
