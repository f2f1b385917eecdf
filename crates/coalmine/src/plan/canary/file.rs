//! Files that a user sends along.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

/// A file that a user sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileSpec {
    /// Its name; `{fact}` is filled in.
    pub name: String,
    /// Its text; `{fact}` is filled in.
    pub content: String,
    /// Its MIME type; what its making demands where nothing is said.
    pub mime: Option<String>,
    /// How it is sent.
    #[serde(default, rename = "as")]
    pub attach: AttachAs,
    /// What is made of the content.
    #[serde(default)]
    pub make: Make,
    /// Filled up in front of its text to this size, such as `5 MB`.
    #[schemars(with = "Option<String>")]
    pub size: Option<Size>,
}

/// How a file is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttachAs {
    /// Its bytes in the message.
    #[default]
    Inline,
    /// Uploaded to the platform first; the message holds the link.
    Link,
}

/// What is made of a file's content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Make {
    /// The text itself.
    #[default]
    Text,
    /// A PNG that carries the content in a text chunk and in its pixels.
    Png,
    /// A PDF that shows the content.
    Pdf,
}

/// A size in bytes; 1 MB is a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

/// Larger files are more than any runtime takes.
const LARGEST: usize = 40_000_000;

impl Make {
    /// The MIME type of what is made.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    /// The file's bytes.
    pub fn bytes(self, content: &str, size: Option<Size>) -> Vec<u8> {
        match self {
            Self::Text => padded(content, size.map_or(0, |size| size.0)).into_bytes(),
            Self::Png => coalmine_world::sample::png(content),
            Self::Pdf => coalmine_world::sample::pdf(content),
        }
    }
}

/// Lines of nothing in front of the content, so that it stands at the end of a file of the size.
fn padded(content: &str, size: usize) -> String {
    const LINE: &str = "This line is here to fill the file, and it says nothing.\n";
    let missing = size.saturating_sub(content.len());
    let mut text = LINE.repeat(missing.div_ceil(LINE.len()));
    text.push_str(content);
    text
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong =
            || D::Error::custom(format!("`{text}` is no size such as `200 kB` or `5 MB` (at most 40 MB)"));
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
        let number: usize = digits.parse().map_err(|_| wrong())?;
        let unit = match text[digits.len()..].trim() {
            "B" => 1,
            "kB" | "KB" => 1_000,
            "MB" => 1_000_000,
            _ => return Err(wrong()),
        };
        number.checked_mul(unit).filter(|bytes| *bytes <= LARGEST).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_filled_up_in_front_of_its_text() {
        let bytes = Make::Text.bytes("the end", Some(Size(1_000)));
        assert!(bytes.len() >= 1_000 && bytes.len() < 1_100 && bytes.ends_with(b"the end"));
        assert_eq!(Make::Text.bytes("as it is", None), b"as it is");
    }

    #[test]
    fn sizes_are_read() {
        let read = |text: &str| {
            toml::from_str::<std::collections::BTreeMap<String, Size>>(&format!("a = \"{text}\""))
        };
        assert_eq!(read("5 MB").unwrap()["a"], Size(5_000_000));
        assert_eq!(read("200kB").unwrap()["a"], Size(200_000));
        for wrong in ["5", "much", "41 MB", "-1 kB"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
