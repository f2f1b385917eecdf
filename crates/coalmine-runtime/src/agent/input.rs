//! The content of a message: the user's text, and the files with their content. The faults that misread a
//! message are here.

use uuid::Uuid;

use super::{Agent, outcome::TurnError};
use crate::{
    attachment::Attachment,
    fault::{Fault, Faults},
    task::{FilePart, Incoming, Source},
};

/// Returns the text of the user.
pub(super) fn user_text(incoming: &Incoming, faults: Faults) -> String {
    let text = incoming.text();
    if faults.is(Fault::PromptNonAsciiMangled) {
        // In Latin-1, every byte is a character.
        return text.bytes().map(char::from).collect();
    }
    text
}

/// Returns the id that identifies a message when it is delivered again.
pub(super) fn message_identity(incoming: &Incoming, faults: Faults) -> String {
    if faults.is(Fault::WireDuplicateExecuted) {
        return Uuid::new_v4().to_string();
    }
    incoming.message_id.clone()
}

impl Agent {
    /// Reads the files of a message.
    pub(super) async fn read_files(&self, incoming: &Incoming) -> Result<Vec<Attachment>, TurnError> {
        let mut files = Vec::new();
        for part in incoming.files() {
            let file = match &part.source {
                Source::Link(uri) if self.faults.is(Fault::PromptLinkNotFetched) => name_only(part, uri),
                _ => self.files.read(part).await?,
            };
            if self.faults.is(Fault::SessionFileNameTrusted) {
                self.uploads.write_by_name(&file).await;
            }
            files.push(file);
        }
        Ok(files)
    }
}

/// Returns a file without its content.
fn name_only(part: &FilePart, uri: &str) -> Attachment {
    let last_segment = || uri.rsplit('/').next().unwrap_or_default().to_owned();
    let mime_type = part.mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
    Attachment::new(part.name.clone().unwrap_or_else(last_segment), mime_type, Vec::new())
}
