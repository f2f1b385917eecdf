//! A folder of uploaded files under the names they came with. What is right never writes to it: a file is kept in
//! its session, and its name is only a word.

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

    /// Writes a file where its name leads, were it out of the folder. What is there already stays: the fault is
    /// to be seen, not to do harm. What cannot be written is not.
    pub(crate) async fn trust(&self, file: &Attachment) {
        // Put together as text, so that only `..` leads out and a leading slash does not.
        let path = Utf8PathBuf::from(format!("{}/{}", self.0, file.name));
        let folder = self.0.clone();
        let body = file.body.clone();
        let written = spawn_blocking(move || {
            // A way out begins in the folder.
            fs::create_dir_all(folder)?;
            write(&path, &body)
        });
        if let Ok(Err(error)) = written.await {
            tracing::debug!(%error, "an uploaded file was not written");
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
