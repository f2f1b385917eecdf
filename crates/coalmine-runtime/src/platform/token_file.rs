//! The platform's token on disk. It must survive a restart, because the platform issues it only once.

use std::io::{Result, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

#[derive(Debug)]
pub(super) struct TokenFile(Utf8PathBuf);

impl TokenFile {
    pub(super) fn new(state_dir: &Utf8Path) -> Self {
        Self(state_dir.join("platform-token"))
    }

    pub(super) fn read(&self) -> Option<String> {
        let token = fs::read_to_string(&self.0).ok()?;
        Some(token.trim().to_owned()).filter(|token| !token.is_empty())
    }

    /// Writes the token to a file that only this user can read.
    pub(super) fn write(&self, token: &str) -> Result<()> {
        if let Some(dir) = self.0.parent() {
            fs::create_dir_all(dir)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use fs::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        options.open(&self.0)?.write_all(token.as_bytes())
    }
}
