//! Files that a user sends.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

/// A file that a user sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileSpec {
    /// The name of the file. Facts in braces are filled in.
    pub name: String,
    /// The text of the file. Facts in braces are filled in.
    pub content: String,
    /// The MIME type. Defaults to that of `make`.
    pub mime: Option<String>,
    /// How the file is sent. Defaults to `inline`.
    #[serde(default, rename = "as")]
    pub attach: AttachAs,
    /// The format in which the text is written. Defaults to `text`.
    #[serde(default)]
    pub make: Make,
    /// The size to which a text file is padded, in front of its text: a number of `B`, `kB` or `MB`, at most
    /// `40 MB`. Defaults to no padding.
    #[schemars(with = "Option<String>")]
    pub size: Option<Size>,
}

/// How a file is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttachAs {
    /// The message contains the bytes of the file.
    #[default]
    Inline,
    /// The file is uploaded to the platform first, and the message contains a link to it.
    Link,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Make {
    /// Plain text.
    #[default]
    Text,
    /// A PNG that contains the text in its pixels and in a text chunk.
    Png,
    /// A PDF that shows the text.
    Pdf,
}

/// A size in bytes. One MB is a million bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

/// The largest file. No runtime accepts larger ones.
const MAX_SIZE: usize = 40_000_000;

impl Make {
    /// Returns the MIME type of the format.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    /// Returns the bytes of a file with this content. Only text is padded to the size.
    pub fn bytes(self, content: &str, size: Option<Size>) -> Vec<u8> {
        match self {
            Self::Text => padded(content, size.map_or(0, |size| size.0)).into_bytes(),
            Self::Png => coalmine_world::sample::png(content),
            Self::Pdf => coalmine_world::sample::pdf(content),
        }
    }
}

/// Returns the content behind as many lines of filler as the size needs.
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
        parse_size(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "invalid size `{text}`: expected at most 40 MB, such as `200 kB` or `5 MB`"
            ))
        })
    }
}

fn parse_size(text: &str) -> Option<Size> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let number: usize = digits.parse().ok()?;
    let unit = match text[digits.len()..].trim() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        _ => return None,
    };
    number.checked_mul(unit).filter(|bytes| *bytes <= MAX_SIZE).map(Size)
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
    fn pads_in_front_of_the_text() {
        let bytes = Make::Text.bytes("the end", Some(Size(1_000)));
        assert!(bytes.len() >= 1_000 && bytes.len() < 1_100 && bytes.ends_with(b"the end"));
        assert_eq!(Make::Text.bytes("unchanged", None), b"unchanged");
    }

    #[test]
    fn parses_sizes() {
        assert_eq!(parse_size("5 MB"), Some(Size(5_000_000)));
        assert_eq!(parse_size("200kB"), Some(Size(200_000)));
        for invalid in ["5", "much", "41 MB", "-1 kB"] {
            assert_eq!(parse_size(invalid), None, "{invalid}");
        }
    }
}
