//! The folder to which a fault writes files under the names they came with. A correct runtime stores a file
//! in its session and never uses its name as a path.

use std::io::{Result, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tokio::task::spawn_blocking;

use super::{Attachment, Body, decode_base64};

#[derive(Debug)]
pub(crate) struct Uploads(Utf8PathBuf);

impl Uploads {
    pub(crate) fn new(state_dir: &Utf8Path) -> Self {
        Self(state_dir.join("uploads"))
    }

    /// Writes a file to the path that its name leads to, even outside the folder.
    ///
    /// It does not overwrite files, because the fault must be visible but harmless, and it ignores errors.
    pub(crate) async fn write_by_name(&self, file: &Attachment) {
        // The path is joined as text, so that `..` leads out of the folder but a leading slash does not.
        let path = Utf8PathBuf::from(format!("{}/{}", self.0, file.name));
        let folder = self.0.clone();
        let body = file.body.clone();
        let written = spawn_blocking(move || {
            // A path such as `uploads/../x` only resolves if the folder exists.
            fs::create_dir_all(folder)?;
            write(&path, &body)
        });
        if let Ok(Err(error)) = written.await {
            tracing::debug!(%error, "could not write an uploaded file");
        }
    }
}

fn write(path: &Utf8Path, body: &Body) -> Result<()> {
    let bytes = match body {
        Body::Text(text) => text.clone().into_bytes(),
        Body::Base64(base64) => decode_base64(base64).unwrap_or_default(),
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(&bytes)
}
