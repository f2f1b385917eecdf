//! Files in a prompt.

use serde::Serialize;

use crate::readable::{self, Packed};

/// A file in a prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PromptFile {
    /// Its name, where the dialect has one.
    pub name: Option<String>,
    /// Its MIME type, where it is said.
    pub mime: Option<String>,
    /// How it arrived.
    pub arrived: Arrival,
    /// Length of the content in bytes.
    pub bytes: usize,
    /// What can be read in it: its content as UTF-8, lossily, and the text that a format of its own packs away (PNG,
    /// PDF). Of a file whose content did not come, its place.
    pub text: String,
    /// What is still to be unpacked.
    #[serde(skip)]
    pub(crate) packed: Option<Packed>,
}

/// How a file arrived in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// A `data:` URI.
    DataUri,
    /// Base64 in a field of its own.
    Inline,
    /// Uploaded before, named by its id.
    Upload,
    /// A link, not the content.
    Link,
}

impl PromptFile {
    /// A file whose content came along.
    pub(crate) fn with_content(arrived: Arrival, content: Vec<u8>) -> Self {
        let bytes = content.len();
        let (text, packed) = readable::take_in(content);
        Self { name: None, mime: None, arrived, bytes, text, packed }
    }

    /// A file of which only the place came: a link or an id.
    pub(crate) fn at_place(arrived: Arrival, place: impl Into<String>) -> Self {
        Self { name: None, mime: None, arrived, bytes: 0, text: place.into(), packed: None }
    }

    /// The same under a name and with a type, where they are said.
    pub(crate) fn named(self, name: Option<String>, mime: Option<String>) -> Self {
        Self { name: name.or(self.name), mime: mime.or(self.mime), ..self }
    }

    /// The bytes of its text that the request's body did not hold.
    pub(crate) fn beyond_body(&self) -> usize {
        match self.arrived {
            Arrival::Upload => self.text.len(),
            _ => self.text.len().saturating_sub(self.bytes),
        }
    }
}
