//! The parts of a content. Most clients write field names in camel case, some in snake case.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;

use crate::{Arrival, Message, PromptFile, Role, ToolCall, http::Refusal, provider::Violations};

/// Parts with nothing that the simulated model could read.
const IGNORED: [&str; 6] = [
    "executableCode",
    "executable_code",
    "codeExecutionResult",
    "code_execution_result",
    "thoughtSignature",
    "thought_signature",
];

/// The parts that were read.
#[derive(Default)]
pub(super) struct Content {
    pub(super) texts: Vec<String>,
    pub(super) files: Vec<PromptFile>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) results: Vec<Message>,
}

impl Content {
    /// Creates a message from everything except the responses of functions.
    pub(super) fn into_message(self, role: Role) -> Message {
        Message { files: self.files, calls: self.calls, ..Message::text(role, self.texts.join("\n")) }
    }
}

/// Returns a field by its name in camel case, or else in snake case.
pub(super) fn either<'a>(value: &'a Value, camel: &str, snake: &str) -> Option<&'a Value> {
    value.get(camel).or_else(|| value.get(snake)).filter(|value| !value.is_null())
}

/// Returns the elements of a list; a lone element counts as a list.
pub(super) fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(many) => many,
        one => std::slice::from_ref(one),
    }
}

/// Reads the parts of a content.
pub(super) fn read(content: &Value, path: &str, violations: &Violations) -> Result<Content, Refusal> {
    let parts = one_or_many(content.get("parts").unwrap_or(&Value::Null));
    violations.check(!parts.is_empty(), || {
        Refusal::bad_request(format!("* {path}.parts: contents.parts must not be empty.\n"))
    })?;
    let mut read = Content::default();
    for (index, part) in parts.iter().enumerate() {
        if let Err(reason) = read_part(part, &mut read) {
            violations.add(Refusal::bad_request(format!("* {path}.parts[{index}]{reason}\n")))?;
        }
    }
    Ok(read)
}

fn read_part(part: &Value, read: &mut Content) -> Result<(), String> {
    if part.get("thought") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    if let Some(text) = part.get("text") {
        let text = text.as_str().ok_or(".text: Invalid value (TYPE_STRING)")?;
        read.texts.push(text.to_owned());
    } else if let Some(blob) = either(part, "inlineData", "inline_data") {
        read.files.push(inline(blob)?);
    } else if let Some(file) = either(part, "fileData", "file_data") {
        read.files.push(linked(file)?);
    } else if let Some(call) = either(part, "functionCall", "function_call") {
        let name = text_of(call, "name", "name").ok_or(".function_call.name: Name cannot be empty.")?;
        let id = text_of(call, "id", "id").unwrap_or_default();
        let arguments = call.get("args").cloned().unwrap_or_else(|| serde_json::json!({}));
        read.calls.push(ToolCall { id, name, arguments });
    } else if let Some(result) = either(part, "functionResponse", "function_response") {
        text_of(result, "name", "name").ok_or(".function_response.name: Name cannot be empty.")?;
        let text = response_text(result.get("response").unwrap_or(&Value::Null));
        let is_error = result.pointer("/response/error").is_some_and(|error| !error.is_null());
        let mut message = Message { is_error, ..Message::text(Role::Tool, text) };
        for part in one_or_many(result.get("parts").unwrap_or(&Value::Null)) {
            if let Some(blob) = either(part, "inlineData", "inline_data") {
                message.files.push(inline(blob)?);
            }
        }
        read.results.push(message);
    } else if !IGNORED.iter().any(|name| part.get(name).is_some()) {
        return Err(".data: required oneof field 'data' must have one initialized field".into());
    }
    Ok(())
}

fn inline(blob: &Value) -> Result<PromptFile, String> {
    let data = text_of(blob, "data", "data").unwrap_or_default();
    let bytes =
        decode(&data).ok_or(".inline_data.data: Invalid value (TYPE_BYTES), Base64 decoding failed")?;
    let mime =
        text_of(blob, "mimeType", "mime_type").ok_or(".inline_data.mime_type: mime_type is required")?;
    let name = text_of(blob, "displayName", "display_name");
    Ok(PromptFile::with_content(Arrival::Inline, bytes).named(name, Some(mime)))
}

fn linked(file: &Value) -> Result<PromptFile, String> {
    let link = text_of(file, "fileUri", "file_uri").ok_or(".file_data.file_uri: file_uri is required")?;
    let is_upload = link.starts_with("files/") || link.contains("generativelanguage.googleapis.com");
    let arrived = if is_upload { Arrival::Upload } else { Arrival::Link };
    let (name, mime) = (text_of(file, "displayName", "display_name"), text_of(file, "mimeType", "mime_type"));
    Ok(PromptFile::at_location(arrived, link).named(name, mime))
}

/// Decodes base64 as the vendor does: in both alphabets, with and without padding. Its own Python client
/// sends the URL-safe alphabet.
fn decode(data: &str) -> Option<Vec<u8>> {
    let any_padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let plain: Vec<u8> = data
        .bytes()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    GeneralPurpose::new(&alphabet::STANDARD, any_padding).decode(plain).ok()
}

fn text_of(value: &Value, camel: &str, snake: &str) -> Option<String> {
    either(value, camel, snake).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Returns the text of a function's response: a lone string as it is, anything else as JSON.
fn response_text(response: &Value) -> String {
    let lone = either(response, "result", "output").and_then(Value::as_str);
    match (lone, response.as_object().map(serde_json::Map::len)) {
        (Some(text), Some(1)) => text.to_owned(),
        _ if response.is_null() => String::new(),
        _ => response.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_strict(content: &Value, path: &str) -> Result<Content, Refusal> {
        read(content, path, &Violations::default())
    }

    #[test]
    fn reads_every_kind_of_part() {
        let content = json!({"parts": [
            {"text": "see"},
            {"text": "hm", "thought": true},
            {"text": "", "thoughtSignature": "x"},
            {"inlineData": {"mimeType": "text/plain", "data": "Y29kZSA0Mg==", "displayName": "a.txt"}},
            {"inline_data": {"mime_type": "image/png", "data": "8J-YgA"}},
            {"fileData": {"mimeType": "text/plain", "fileUri": "https://example.invalid/x"}},
            {"file_data": {"file_uri": "files/abc"}},
            {"executableCode": {"code": "1"}},
        ]});
        let read = read_strict(&content, "x").unwrap();
        assert_eq!(read.texts, ["see", ""]);
        let files: Vec<_> = read.files.iter().map(|f| (f.arrived, f.bytes, f.text.as_str())).collect();
        assert_eq!(
            files,
            [
                (Arrival::Inline, 7, "code 42"),
                (Arrival::Inline, 4, "\u{1F600}"),
                (Arrival::Link, 0, "https://example.invalid/x"),
                (Arrival::Upload, 0, "files/abc"),
            ]
        );
        assert_eq!(read.files[0].name.as_deref(), Some("a.txt"));
    }

    #[test]
    fn reads_files_of_responses() {
        let part = json!({"inlineData": {"mimeType": "text/plain", "data": "Y29kZQ"}});
        let content =
            json!({"parts": [{"functionResponse": {"name": "f", "response": {"a": 1}, "parts": [part]}}]});
        let read = read_strict(&content, "x").unwrap();
        assert_eq!(
            (read.results[0].text.as_str(), read.results[0].files[0].text.as_str()),
            ("{\"a\":1}", "code")
        );
    }

    #[test]
    fn response_text_is_a_lone_string_or_json() {
        assert_eq!(response_text(&json!({"output": "a \"b\""})), "a \"b\"");
        assert_eq!(response_text(&json!({"result": {"color": "teal"}})), r#"{"result":{"color":"teal"}}"#);
        assert_eq!(response_text(&Value::Null), "");
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let refused = |part: Value| read_strict(&json!({"parts": [part]}), "c").err().unwrap().message;
        assert_eq!(
            refused(json!({})),
            "* c.parts[0].data: required oneof field 'data' must have one initialized field\n"
        );
        assert!(refused(json!({"text": 7})).contains("TYPE_STRING"));
        assert!(refused(json!({"inlineData": {"mimeType": "a/b", "data": "%"}})).contains("Base64"));
        assert!(refused(json!({"functionCall": {}})).contains("function_call.name"));
    }
}
