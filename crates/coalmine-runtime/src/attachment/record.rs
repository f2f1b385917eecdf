//! A file as a session stores it.

use base64::{
    DecodeError, Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde::{Deserialize, Serialize};

/// The largest file, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 16 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) mime_type: String,
    #[serde(flatten)]
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Body {
    /// The content of a text file.
    Text(String),
    /// The content of any other file, and of every picture and document.
    Base64(String),
}

impl Attachment {
    pub(crate) fn new(name: String, mime_type: String, bytes: Vec<u8>) -> Self {
        // An empty file is stored as text, even if it claims to be a picture. A file with a NUL byte is not
        // text.
        let opaque = is_opaque(&mime_type) && !bytes.is_empty();
        let body = match String::from_utf8(bytes) {
            Ok(text) if !opaque && !text.contains('\0') => Body::Text(text),
            Ok(text) => Body::Base64(STANDARD.encode(text)),
            Err(error) => Body::Base64(STANDARD.encode(error.as_bytes())),
        };
        Self { name, mime_type, body }
    }

    /// Returns whether its type is that of a picture.
    pub(crate) fn is_picture(&self) -> bool {
        self.mime_type.to_ascii_lowercase().starts_with("image/")
    }

    /// Returns the content of a text file.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) => Some(text),
            Body::Base64(_) => None,
        }
    }
}

/// Returns whether a model gets the bytes of this type unchanged, even if they happen to be text: a PDF may
/// consist of plain characters. An SVG picture does not count, because a model reads its markup better than
/// it sees the picture.
fn is_opaque(mime_type: &str) -> bool {
    let mime_type = mime_type.to_ascii_lowercase();
    let opaque =
        ["image/", "audio/", "video/", "application/pdf"].iter().any(|known| mime_type.starts_with(known));
    opaque && !mime_type.starts_with("image/svg")
}

/// Decodes base64 in either alphabet and with or without padding, as the JSON mapping of binary fields
/// allows.
pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>, DecodeError> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const CLASSIC: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);
    if text.contains(['-', '_']) { URL_SAFE.decode(text) } else { CLASSIC.decode(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_and_other_content_becomes_base64() {
        let body = |mime: &str, bytes: &[u8]| Attachment::new("f".into(), mime.into(), bytes.to_vec()).body;
        assert_eq!(body("application/json", b"{}"), Body::Text("{}".into()));
        assert_eq!(body("application/pdf", &[0xff]), Body::Base64("/w==".into()));
        assert_eq!(body("Image/PNG", b"ab"), Body::Base64("YWI=".into()));
        assert_eq!(body("application/pdf", b"%PDF"), Body::Base64("JVBERg==".into()));
        assert_eq!(body("image/png", b""), Body::Text(String::new()));
        assert_eq!(body("image/svg+xml", b"<svg/>"), Body::Text("<svg/>".into()));
        assert_eq!(body("text/plain", b"\0"), Body::Base64("AA==".into()));
    }

    #[test]
    fn stored_form_names_the_kind_of_content() {
        let file = Attachment::new("a.txt".into(), "text/plain".into(), b"hi".to_vec());
        let json = serde_json::json!({"name": "a.txt", "mime_type": "text/plain", "text": "hi"});
        assert_eq!(serde_json::to_value(&file).unwrap(), json);
        assert_eq!(serde_json::from_value::<Attachment>(json).unwrap(), file);
    }

    #[test]
    fn decodes_both_alphabets_with_and_without_padding() {
        for text in ["+/8=", "-_8=", "-_8", "+/8"] {
            assert_eq!(decode_base64(text).unwrap(), [0xfb, 0xff], "{text}");
        }
        assert!(decode_base64("*").is_err());
    }
}
