//! A file as the session keeps it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

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
    /// A file that can be read as text.
    Text(String),
    /// Any other, and every picture and document.
    Base64(String),
}

impl Attachment {
    pub(crate) fn new(name: String, mime_type: String, bytes: Vec<u8>) -> Self {
        // What has no bytes is no picture and no document, whatever it is called. No text has a NUL byte.
        let packed = is_packed(&mime_type) && !bytes.is_empty();
        let body = match String::from_utf8(bytes) {
            Ok(text) if !packed && !text.contains('\0') => Body::Text(text),
            Ok(text) => Body::Base64(STANDARD.encode(text)),
            Err(error) => Body::Base64(STANDARD.encode(error.as_bytes())),
        };
        Self { name, mime_type, body }
    }

    /// Whether it is a picture, by what it is called.
    pub(crate) fn is_picture(&self) -> bool {
        self.mime_type.to_ascii_lowercase().starts_with("image/")
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) => Some(text),
            Body::Base64(_) => None,
        }
    }
}

/// Kinds whose bytes a model is shown as they are, also where they happen to be text: a document may be written
/// in plain characters and is none the less a document. A parameters in SVG is markup, which a model reads better
/// than it would see it.
fn is_packed(mime_type: &str) -> bool {
    let kind = mime_type.to_ascii_lowercase();
    let packed =
        ["image/", "audio/", "video/", "application/pdf"].iter().any(|known| kind.starts_with(known));
    packed && !kind.starts_with("image/svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_and_the_rest_becomes_base64() {
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
    fn the_stored_form_names_what_it_holds() {
        let file = Attachment::new("a.txt".into(), "text/plain".into(), b"hi".to_vec());
        let json = serde_json::json!({"name": "a.txt", "mime_type": "text/plain", "text": "hi"});
        assert_eq!(serde_json::to_value(&file).unwrap(), json);
        assert_eq!(serde_json::from_value::<Attachment>(json).unwrap(), file);
    }
}
