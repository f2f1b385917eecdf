//! Gemini: `generateContent`, `streamGenerateContent` (SSE or, without `alt=sse`, a JSON list) and
//! `countTokens`, with tools; under `/v1beta`, `/v1alpha` and `/v1`, and without a prefix.

mod contents;
mod part;
mod tools;
mod response_format;

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Dialect, EmbeddingForm, ModelRequest, Route, TokenCounts, Violations, is_cut, pieces};
use crate::{Answer, Prompt, RequestKind, http::Refusal};

/// The dialect of Gemini.
pub(crate) struct Gemini;

/// The models that are listed. Any other name is answered as well.
const MODELS: [&str; 2] = ["gemini-2.5-flash", "gemini-2.5-pro"];

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Request {
    contents: Value,
    #[serde(alias = "system_instruction")]
    system_instruction: Value,
    tools: Value,
    #[serde(alias = "tool_config")]
    tool_config: Value,
    #[serde(alias = "generation_config")]
    generation_config: Value,
    /// Wraps all of the above in some requests that count tokens.
    #[serde(alias = "generate_content_request")]
    generate_content_request: Option<Box<Request>>,
}

impl Dialect for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        match *method {
            Method::POST => match model_and_action(path)?.1 {
                "embedContent" => Some(Route::Embed(EmbeddingForm::Gemini)),
                "batchEmbedContents" => Some(Route::Embed(EmbeddingForm::GeminiBatch)),
                "generateContent" | "streamGenerateContent" | "countTokens" => Some(Route::Ask),
                _ => None,
            },
            Method::GET => {
                let versions = ["/v1beta", "/v1alpha", "/v1"];
                let path = versions.iter().find_map(|version| path.strip_prefix(version)).unwrap_or(path);
                let models = || MODELS.iter().map(|id| model(id)).collect::<Vec<_>>();
                match path.strip_prefix("/models")? {
                    "" => Some(Route::Fixed(200, json!({ "models": models() }))),
                    rest => Some(Route::Fixed(200, model(rest.strip_prefix('/')?))),
                }
            }
            _ => None,
        }
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        let (path, query) = request.path.split_once('?').unwrap_or((request.path, ""));
        let (model, action) = model_and_action(path).unwrap_or((path, ""));
        let mut request: Request = serde_json::from_slice(request.body)
            .map_err(|error| Refusal::bad_request(format!("Invalid JSON payload received. {error}")))?;
        if let Some(inner) = request.generate_content_request.take() {
            request = *inner;
        }
        let request_kind = match action {
            "countTokens" => RequestKind::Tokens,
            "streamGenerateContent" if !query.split('&').any(|pair| pair == "alt=sse") => RequestKind::Chunks,
            _ => RequestKind::Answer,
        };
        Ok(Prompt {
            model: model.to_owned(),
            messages: contents::read(&request.system_instruction, &request.contents, violations)?,
            tools: tools::read_offers(&request.tools, violations)?,
            tool_choice: tools::read_choice(&request.tool_config),
            response_format: response_format::read(&request.generation_config),
            stop: tools::stop_words(&request.generation_config),
            max_tokens: tools::max_tokens(&request.generation_config),
            stream: action == "streamGenerateContent" && request_kind == RequestKind::Answer,
            request_kind,
            ..Prompt::default()
        })
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Value {
        match prompt.request_kind {
            RequestKind::Tokens => {
                let count = TokenCounts::of(prompt, answer).input;
                json!({ "totalTokens": count, "promptTokensDetails": text_details(count) })
            }
            RequestKind::Chunks => chunks(prompt, answer, id).into(),
            RequestKind::Answer => {
                let texts = [answer.text.as_str()].into_iter().filter(|text| !text.is_empty());
                response(prompt, answer, id, parts(texts, answer), true)
            }
        }
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String> {
        chunks(prompt, answer, id).iter().map(|chunk| format!("data: {chunk}\r\n\r\n")).collect()
    }

    fn error_body(&self, refusal: &Refusal, _id: u64) -> Value {
        let status = match refusal.status {
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            500 => "INTERNAL",
            501.. => "UNAVAILABLE",
            _ => "INVALID_ARGUMENT",
        };
        json!({ "error": { "code": refusal.status, "message": refusal.message, "status": status } })
    }
}

/// Splits `…/models/<model>:<action>`.
fn model_and_action(path: &str) -> Option<(&str, &str)> {
    let (_, rest) = path.split_once("/models/")?;
    rest.rsplit_once(':').or_else(|| rest.rsplit_once("%3A"))
}

fn model(id: &str) -> Value {
    json!({
        "name": format!("models/{id}"), "version": "001", "displayName": id,
        "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    })
}

fn parts<'a>(texts: impl Iterator<Item = &'a str>, answer: &Answer) -> Vec<Value> {
    let texts = texts.map(|text| json!({ "text": text }));
    let calls = answer
        .calls
        .iter()
        .map(|call| json!({ "functionCall": { "id": call.id, "name": call.name, "args": call.arguments } }));
    texts.chain(calls).collect()
}

/// Writes the chunks of a stream: complete responses, each with one more part.
fn chunks(prompt: &Prompt, answer: &Answer, id: u64) -> Vec<Value> {
    let parts = parts(pieces(&answer.text), answer);
    let last = parts.len().saturating_sub(1);
    let mut chunks: Vec<_> = parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| response(prompt, answer, id, vec![part], index == last))
        .collect();
    if chunks.is_empty() {
        chunks.push(response(prompt, answer, id, vec![], true));
    }
    chunks
}

fn response(prompt: &Prompt, answer: &Answer, id: u64, mut parts: Vec<Value>, is_last: bool) -> Value {
    if parts.is_empty() {
        parts.push(json!({ "text": "" }));
    }
    let mut candidate = json!({ "content": { "parts": parts, "role": "model" } });
    if is_last {
        candidate["finishReason"] = if is_cut(prompt, answer) { "MAX_TOKENS" } else { "STOP" }.into();
    }
    candidate["index"] = 0.into();
    let tokens = TokenCounts::of(prompt, answer);
    json!({
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": tokens.input, "candidatesTokenCount": tokens.output, "totalTokenCount": tokens.total(),
            "promptTokensDetails": text_details(tokens.input),
        },
        "modelVersion": prompt.model, "responseId": format!("resp-{id:012}"),
    })
}

fn text_details(tokens: usize) -> Value {
    json!([{ "modality": "TEXT", "tokenCount": tokens }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ToolCall;

    const BODY: &[u8] = br#"{"contents": [{"parts": [{"text": "12345678"}]}]}"#;

    fn read(path: &str) -> Prompt {
        Gemini.parse(&ModelRequest { path, body: BODY }, &Violations::default()).unwrap()
    }

    fn read_strict(request: &ModelRequest<'_>) -> Result<Prompt, Refusal> {
        Gemini.parse(request, &Violations::default())
    }

    fn answers() -> [Answer; 3] {
        let call = |id: &str| ToolCall { id: id.into(), name: "f".into(), arguments: json!({"q": "a b"}) };
        let calls = Answer { text: "Let me see.".into(), calls: vec![call("call_1"), call("call_2")] };
        [calls, Answer { text: "It is teal.".into(), calls: vec![] }, Answer::default()]
    }

    /// Joins the texts and the calls of responses, of which only the last one finishes.
    fn sum(responses: &[Value]) -> (String, Vec<Value>) {
        let (mut text, mut calls) = (String::new(), vec![]);
        for (index, response) in responses.iter().enumerate() {
            let candidate = &response["candidates"][0];
            assert_eq!(candidate["finishReason"] == "STOP", index + 1 == responses.len());
            for part in candidate["content"]["parts"].as_array().unwrap() {
                text += part["text"].as_str().unwrap_or_default();
                calls.extend(part.get("functionCall").cloned());
            }
        }
        (text, calls)
    }

    #[test]
    fn body_stream_and_list_agree() {
        let (sse, list) =
            ("/v1beta/models/m:streamGenerateContent?alt=sse", "/models/m:streamGenerateContent");
        assert!(read(sse).stream);
        assert!(!read(list).stream);
        for answer in answers() {
            let whole = Gemini.body(&read("/v1/models/m:generateContent"), &answer, 7);
            assert_eq!(whole["modelVersion"], "m");
            let expected = sum(&[whole]);
            let listed = Gemini.body(&read(list), &answer, 7);
            assert_eq!(sum(listed.as_array().unwrap()), expected);
            let frames = Gemini.frames(&read(sse), &answer, 7);
            let data =
                frames.iter().map(|f| f.strip_prefix("data: ").and_then(|f| f.strip_suffix("\r\n\r\n")));
            let chunks: Vec<_> = data.map(|data| serde_json::from_str(data.unwrap()).unwrap()).collect();
            assert_eq!(sum(&chunks), expected);
        }
    }

    #[test]
    fn accepts_paths_with_and_without_a_version() {
        for path in [
            "/v1beta/models/m:generateContent",
            "/models/a/b:streamGenerateContent",
            "/v1/models/m%3AcountTokens",
        ] {
            assert!(matches!(Gemini.route(&Method::POST, path), Some(Route::Ask)), "{path}");
        }
        assert!(Gemini.route(&Method::POST, "/v1beta/models/m:predict").is_none());
        for path in ["/v1beta/models/m", "/v1/models/m", "/models/m"] {
            let Some(Route::Fixed(200, shown)) = Gemini.route(&Method::GET, path) else { panic!("{path}") };
            assert_eq!(shown["name"], "models/m");
        }
    }

    #[test]
    fn counts_tokens_of_both_request_forms() {
        let counted = Gemini.body(&read("/v1beta/models/m:countTokens"), &Answer::default(), 0);
        assert_eq!(counted["totalTokens"], 2);
        let body = br#"{"generateContentRequest": {"contents": {"parts": {"text": "1234"}}}}"#;
        let request = ModelRequest { path: "/v1beta/models/m:countTokens", body };
        assert_eq!(Gemini.body(&read_strict(&request).unwrap(), &Answer::default(), 0)["totalTokens"], 1);
    }

    #[test]
    fn refuses_invalid_json_in_the_shape_of_the_vendor() {
        let request = ModelRequest { path: "/v1beta/models/m:generateContent", body: b"{" };
        let body = Gemini.error_body(&read_strict(&request).unwrap_err(), 7);
        assert_eq!(
            (&body["error"]["code"], &body["error"]["status"]),
            (&json!(400), &json!("INVALID_ARGUMENT"))
        );
    }
}
