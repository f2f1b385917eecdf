//! Images and documents.

use serde_json::Value;

use super::content::{self, Location, text_of};
use crate::{
    Arrival, PromptFile,
    http::Refusal,
    provider::{Violations, file},
};

/// Reads the image or document at a location. The title of a document is its name, its context becomes part
/// of its text.
pub(super) fn read(
    block: &Value,
    kind: &str,
    location: &str,
    violations: &Violations,
) -> Result<Option<PromptFile>, Refusal> {
    let wrong = |path: &str, why: &str| {
        violations.add(Refusal::bad_request(format!("{location}.source{path}: {why}")))
    };
    let Some(source) = block.get("source") else { return wrong("", "Field required").map(|()| None) };
    let Some(source_type) = text_of(source, "type") else {
        return wrong(".type", "Field required").map(|()| None);
    };
    let mime = text_of(source, "media_type").map(str::to_owned);
    let name = text_of(block, "title").map(str::to_owned);
    let field = match source_type {
        "base64" | "text" => "data",
        "url" => "url",
        "file" => "file_id",
        "content" => "content",
        _ => {
            let why = "Input should be 'base64', 'content', 'file', 'text' or 'url'";
            return wrong(".type", why).map(|()| None);
        }
    };
    let Some(given) = source.get(field) else {
        return wrong(&format!(".{source_type}.{field}"), "Field required").map(|()| None);
    };
    let data = given.as_str().unwrap_or_default();
    let inline = |text: String| PromptFile::with_content(Arrival::Inline, text.into());
    let mut attached = match source_type {
        "base64" => {
            if let Err(why) = check_media_type(kind, mime.as_deref()) {
                wrong(".base64.media_type", why)?;
            }
            if !is_base64(data) {
                wrong(".base64", "invalid base64 data")?;
            }
            file(data, None, None)
        }
        "url" => PromptFile::at_location(Arrival::Link, data),
        "file" => PromptFile::at_location(Arrival::Upload, data),
        "content" => {
            let inner = content::read(given, Location::System, violations)
                .map_err(|refusal| Refusal::bad_request(format!("{location}.source: {}", refusal.message)))?;
            inline(inner.texts.join("\n"))
        }
        _ => inline(data.to_owned()),
    }
    .named(name, mime.clone());
    if let Some(context) = text_of(block, "context") {
        attached.text = format!("{context}\n{}", attached.text);
    }
    Ok(Some(attached))
}

fn check_media_type(kind: &str, mime: Option<&str>) -> Result<(), &'static str> {
    match (kind, mime) {
        (_, None) => Err("Field required"),
        ("image", Some("image/jpeg" | "image/png" | "image/gif" | "image/webp"))
        | ("document", Some("application/pdf")) => Ok(()),
        ("image", _) => Err("Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"),
        _ => Err("Input should be 'application/pdf'"),
    }
}

/// Returns whether the vendor accepts this as base64: without line breaks, `data:` or the URL-safe alphabet.
fn is_base64(data: &str) -> bool {
    let body = data.trim_end_matches('=');
    data.len().is_multiple_of(4)
        && data.len().abs_diff(body.len()) <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}
