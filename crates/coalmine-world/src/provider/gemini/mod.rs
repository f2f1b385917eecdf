//! Gemini: `generateContent`, `streamGenerateContent` (SSE and, without `alt=sse`, a JSON list) and `countTokens`, with tools,
//! under `/v1beta`, `/v1` and no prefix at all.

mod contents;
mod form;
mod part;
mod tools;

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Dialect, Refusal, Route, Violations, is_cut, pieces, tokens};
use crate::{Answer, Prompt, Wanted};

pub(crate) struct Gemini;

/// Shown to whoever lists models; any other name is answered as well.
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
    /// Around all of the above, where tokens are counted.
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

    fn prompt(&self, asked: &Asked<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        let (path, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
        let (model, action) = model_and_action(path).unwrap_or((path, ""));
        let mut request: Request = serde_json::from_slice(asked.body)
            .map_err(|error| Refusal::bad(format!("Invalid JSON payload received. {error}")))?;
        if let Some(inner) = request.generate_content_request.take() {
            request = *inner;
        }
        let wanted = match action {
            "countTokens" => Wanted::Tokens,
            "streamGenerateContent" if !query.split('&').any(|pair| pair == "alt=sse") => Wanted::Chunks,
            _ => Wanted::Answer,
        };
        Ok(Prompt {
            model: model.to_owned(),
            messages: contents::read(&request.system_instruction, &request.contents, violations)?,
            tools: tools::offered(&request.tools, violations)?,
            tool_choice: tools::choice(&request.tool_config),
            form: form::read(&request.generation_config),
            stop: tools::stop_words(&request.generation_config),
            most_tokens: tools::most_tokens(&request.generation_config),
            stream: action == "streamGenerateContent" && wanted == Wanted::Answer,
            wanted,
            ..Prompt::default()
        })
    }

    fn whole(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Value {
        match prompt.wanted {
            Wanted::Tokens => {
                let (count, _) = tokens(prompt, answer);
                json!({ "totalTokens": count, "promptTokensDetails": of_text(count) })
            }
            Wanted::Chunks => chunks(prompt, answer, seq).into(),
            Wanted::Answer => {
                let texts = [answer.text.as_str()].into_iter().filter(|text| !text.is_empty());
                response(prompt, answer, seq, parts(texts, answer), true)
            }
        }
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Vec<String> {
        chunks(prompt, answer, seq).iter().map(|chunk| format!("data: {chunk}\r\n\r\n")).collect()
    }

    fn refuse(&self, refusal: &Refusal, _id: u64) -> Value {
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

/// `…/models/<model>:<action>`.
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

/// A stream is made of whole responses, of which each holds one more part.
fn chunks(prompt: &Prompt, answer: &Answer, seq: u64) -> Vec<Value> {
    let parts = parts(pieces(&answer.text), answer);
    let last = parts.len().saturating_sub(1);
    let mut chunks: Vec<_> = parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| response(prompt, answer, seq, vec![part], at == last))
        .collect();
    if chunks.is_empty() {
        chunks.push(response(prompt, answer, seq, vec![], true));
    }
    chunks
}

fn response(prompt: &Prompt, answer: &Answer, seq: u64, mut parts: Vec<Value>, is_last: bool) -> Value {
    if parts.is_empty() {
        parts.push(json!({ "text": "" }));
    }
    let mut candidate = json!({ "content": { "parts": parts, "role": "model" } });
    if is_last {
        candidate["finishReason"] = if is_cut(prompt, answer) { "MAX_TOKENS" } else { "STOP" }.into();
    }
    candidate["index"] = 0.into();
    let (asked, answered) = tokens(prompt, answer);
    json!({
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": asked, "candidatesTokenCount": answered, "totalTokenCount": asked + answered,
            "promptTokensDetails": of_text(asked),
        },
        "modelVersion": prompt.model, "responseId": format!("resp-{seq:012}"),
    })
}

fn of_text(tokens: usize) -> Value {
    json!([{ "modality": "TEXT", "tokenCount": tokens }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ToolCall;

    const BODY: &[u8] = br#"{"contents": [{"parts": [{"text": "12345678"}]}]}"#;

    fn read(path: &str) -> Prompt {
        Gemini.prompt(&Asked { path, body: BODY }, &Violations::default()).unwrap()
    }

    fn strictly(asked: &Asked<'_>) -> Result<Prompt, Refusal> {
        Gemini.prompt(asked, &Violations::default())
    }

    fn answers() -> [Answer; 3] {
        let call = |id: &str| ToolCall { id: id.into(), name: "f".into(), arguments: json!({"q": "a b"}) };
        let calls = Answer { text: "Let me see.".into(), calls: vec![call("call_1"), call("call_2")] };
        [calls, Answer { text: "It is teal.".into(), calls: vec![] }, Answer::default()]
    }

    /// Text and calls of responses, in order; only the last one ends.
    fn sum(responses: &[Value]) -> (String, Vec<Value>) {
        let (mut text, mut calls) = (String::new(), vec![]);
        for (at, response) in responses.iter().enumerate() {
            let candidate = &response["candidates"][0];
            assert_eq!(candidate["finishReason"] == "STOP", at + 1 == responses.len());
            for part in candidate["content"]["parts"].as_array().unwrap() {
                text += part["text"].as_str().unwrap_or_default();
                calls.extend(part.get("functionCall").cloned());
            }
        }
        (text, calls)
    }

    #[test]
    fn an_answer_its_stream_and_its_list_say_the_same() {
        let (sse, list) =
            ("/v1beta/models/m:streamGenerateContent?alt=sse", "/models/m:streamGenerateContent");
        assert!(read(sse).stream);
        assert!(!read(list).stream);
        for answer in answers() {
            let whole = Gemini.whole(&read("/v1/models/m:generateContent"), &answer, 7);
            assert_eq!(whole["modelVersion"], "m");
            let expected = sum(&[whole]);
            let listed = Gemini.whole(&read(list), &answer, 7);
            assert_eq!(sum(listed.as_array().unwrap()), expected);
            let frames = Gemini.frames(&read(sse), &answer, 7);
            let data =
                frames.iter().map(|f| f.strip_prefix("data: ").and_then(|f| f.strip_suffix("\r\n\r\n")));
            let chunks: Vec<_> = data.map(|data| serde_json::from_str(data.unwrap()).unwrap()).collect();
            assert_eq!(sum(&chunks), expected);
        }
    }

    #[test]
    fn paths_belong_here_with_any_version_and_with_none() {
        for path in [
            "/v1beta/models/m:generateContent",
            "/models/a/b:streamGenerateContent",
            "/v1/models/m%3AcountTokens",
        ] {
            assert!(matches!(Gemini.route(&Method::POST, path), Some(Route::Ask)), "{path}");
        }
        assert!(Gemini.route(&Method::POST, "/v1beta/models/m:embedContent").is_none());
        for path in ["/v1beta/models/m", "/v1/models/m", "/models/m"] {
            let Some(Route::Fixed(200, shown)) = Gemini.route(&Method::GET, path) else { panic!("{path}") };
            assert_eq!(shown["name"], "models/m");
        }
    }

    #[test]
    fn tokens_are_counted_of_either_form() {
        let counted = Gemini.whole(&read("/v1beta/models/m:countTokens"), &Answer::default(), 0);
        assert_eq!(counted["totalTokens"], 2);
        let body = br#"{"generateContentRequest": {"contents": {"parts": {"text": "1234"}}}}"#;
        let asked = Asked { path: "/v1beta/models/m:countTokens", body };
        assert_eq!(Gemini.whole(&strictly(&asked).unwrap(), &Answer::default(), 0)["totalTokens"], 1);
    }

    #[test]
    fn broken_json_is_refused_in_the_vendors_shape() {
        let asked = Asked { path: "/v1beta/models/m:generateContent", body: b"{" };
        let body = Gemini.refuse(&strictly(&asked).unwrap_err(), 7);
        assert_eq!(
            (&body["error"]["code"], &body["error"]["status"]),
            (&json!(400), &json!("INVALID_ARGUMENT"))
        );
    }
}
