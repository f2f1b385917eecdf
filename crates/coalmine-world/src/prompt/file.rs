//! Files in a prompt.

use serde::Serialize;

use crate::readable::{self, Packed};

/// A file in a prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PromptFile {
    /// Its name, if the dialect gives one.
    pub name: Option<String>,
    /// Its MIME type, if the dialect gives one.
    pub mime: Option<String>,
    /// How it arrived.
    pub arrived: Arrival,
    /// The length of the content in bytes; 0 if only a location arrived.
    pub bytes: usize,
    /// What can be read in it: the content as lossy UTF-8, followed by the text that a format such as PNG or
    /// PDF encodes. If the content did not arrive, its location.
    pub text: String,
    /// The content that is not unpacked yet.
    #[serde(skip)]
    pub(crate) packed: Option<Packed>,
}

/// How a file reached a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// As a `data:` URI.
    DataUri,
    /// As base64 in a field of its own.
    Inline,
    /// As the id of a file that was uploaded before.
    Upload,
    /// As a link, without the content.
    Link,
}

impl PromptFile {
    /// Creates a file whose content arrived with the prompt.
    pub(crate) fn with_content(arrived: Arrival, content: Vec<u8>) -> Self {
        let bytes = content.len();
        let (text, packed) = readable::read_plain(content);
        Self { name: None, mime: None, arrived, bytes, text, packed }
    }

    /// Creates a file of which only the location arrived: a link or an id.
    pub(crate) fn at_location(arrived: Arrival, location: impl Into<String>) -> Self {
        Self { name: None, mime: None, arrived, bytes: 0, text: location.into(), packed: None }
    }

    /// Sets the name and the MIME type, if they are given.
    pub(crate) fn named(self, name: Option<String>, mime: Option<String>) -> Self {
        Self { name: name.or(self.name), mime: mime.or(self.mime), ..self }
    }
}
