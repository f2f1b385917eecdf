//! What a message comes to: the user's words, and the files with their content. The faults by which a message is
//! misread live here.

use uuid::Uuid;

use super::{Agent, error::TurnError};
use crate::{
    attachment::Attachment,
    fault::{Fault, Faults},
    task::{FilePart, Incoming, Source},
};

/// What the user said, in text.
pub(super) fn words(incoming: &Incoming, faults: Faults) -> String {
    let text = incoming.text();
    if faults.is(Fault::PromptNonAsciiMangled) {
        // Latin-1: every byte is a character.
        return text.bytes().map(char::from).collect();
    }
    text
}

/// What a message is known by when it is delivered again.
pub(super) fn identity(incoming: &Incoming, faults: Faults) -> String {
    if faults.is(Fault::WireDuplicateExecuted) {
        return Uuid::new_v4().to_string();
    }
    incoming.message_id.clone()
}

impl Agent {
    /// Reads the files of a message, wherever they are.
    pub(super) async fn read_files(&self, incoming: &Incoming) -> Result<Vec<Attachment>, TurnError> {
        let mut files = Vec::new();
        for part in incoming.files() {
            let file = match &part.source {
                Source::Link(uri) if self.faults.is(Fault::PromptLinkNotFetched) => named(part, uri),
                _ => self.files.read(part).await?,
            };
            if self.faults.is(Fault::SessionFileNameTrusted) {
                self.uploads.trust(&file).await;
            }
            files.push(file);
        }
        Ok(files)
    }
}

/// A file of which nothing is known but its name.
fn named(part: &FilePart, uri: &str) -> Attachment {
    let last_segment = || uri.rsplit('/').next().unwrap_or_default().to_owned();
    let mime_type = part.mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
    Attachment::new(part.name.clone().unwrap_or_else(last_segment), mime_type, Vec::new())
}
