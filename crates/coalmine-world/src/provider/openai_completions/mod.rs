//! The legacy completions of OpenAI: `POST /v1/completions`, JSON and SSE.

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Dialect, ModelRequest, Route, TokenCounts, Violations,
    azure::{deployment, openai_path},
    is_cut,
    openai_chat::{CREATED, ID_HEADER, error, read_stop},
    pieces,
};
use crate::{Answer, Message, Prompt, Role, http::Refusal};

/// The dialect of completions.
pub(crate) struct OpenAiCompletions;

/// The maximum length of an answer in tokens if the request gives none.
const DEFAULT_MAX_TOKENS: usize = 16;

#[derive(Deserialize)]
struct Request {
    model: Option<String>,
    #[serde(default)]
    prompt: Value,
    stop: Option<Value>,
    max_tokens: Option<usize>,
    #[serde(default)]
    stream: Option<bool>,
    stream_options: Option<Value>,
}

impl Dialect for OpenAiCompletions {
    fn name(&self) -> &'static str {
        "openai-completions"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        (method == Method::POST && openai_path(path) == "/completions").then_some(Route::Ask)
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        let path = request.path;
        let request: Request = serde_json::from_slice(request.body).map_err(|error| {
            Refusal::bad_request(format!("We could not parse the JSON body of your request: {error}"))
        })?;
        let model = request.model.or_else(|| deployment(path).map(str::to_owned));
        let model = model.filter(|model| !model.is_empty());
        let texts: Vec<_> = match &request.prompt {
            Value::String(text) => vec![text.as_str()],
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
            _ => vec![],
        };
        Ok(Prompt {
            model: violations.demand(model, || Refusal::bad_request("you must provide a model parameter"))?,
            messages: vec![Message::text(Role::User, texts.join("\n"))],
            stop: read_stop(request.stop.as_ref()),
            max_tokens: Some(request.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS)),
            stream: request.stream.unwrap_or(false),
            stream_usage: request.stream_options.is_some_and(|options| options["include_usage"] == true),
            ..Prompt::default()
        })
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Value {
        let mut body = completion(prompt, id, &answer.text, Some(finish_reason(prompt, answer)));
        body["usage"] = usage(prompt, answer);
        body
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String> {
        let mut chunks: Vec<_> =
            pieces(&answer.text).map(|piece| completion(prompt, id, piece, None)).collect();
        chunks.push(completion(prompt, id, "", Some(finish_reason(prompt, answer))));
        if prompt.stream_usage {
            let mut last = completion(prompt, id, "", None);
            last["choices"] = json!([]);
            last["usage"] = usage(prompt, answer);
            chunks.push(last);
        }
        let frames = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
        frames.chain(["data: [DONE]\n\n".to_owned()]).collect()
    }

    fn error_body(&self, refusal: &Refusal, _id: u64) -> Value {
        error(refusal)
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some(ID_HEADER)
    }
}

fn completion(prompt: &Prompt, id: u64, text: &str, finish_reason: Option<&str>) -> Value {
    json!({
        "id": format!("cmpl-{id:012}"), "object": "text_completion", "created": CREATED, "model": prompt.model,
        "choices": [{ "text": text, "index": 0, "logprobs": null, "finish_reason": finish_reason }],
    })
}

fn finish_reason(prompt: &Prompt, answer: &Answer) -> &'static str {
    if is_cut(prompt, answer) { "length" } else { "stop" }
}

fn usage(prompt: &Prompt, answer: &Answer) -> Value {
    let tokens = TokenCounts::of(prompt, answer);
    json!({
        "prompt_tokens": tokens.input, "completion_tokens": tokens.output, "total_tokens": tokens.total(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_add_up_to_the_answer() {
        let answer = Answer { text: "It is  teal.".into(), calls: vec![] };
        let prompt = Prompt { stream_usage: true, ..Prompt::default() };
        let frames = OpenAiCompletions.frames(&prompt, &answer, 7);
        let chunks: Vec<Value> = frames
            .iter()
            .filter_map(|frame| serde_json::from_str(frame.strip_prefix("data: ")?).ok())
            .collect();
        let text: String = chunks.iter().filter_map(|c| c.pointer("/choices/0/text")?.as_str()).collect();
        assert_eq!(text, answer.text);
        assert!(chunks[chunks.len() - 1]["usage"]["total_tokens"].is_u64());
        assert_eq!(OpenAiCompletions.body(&prompt, &answer, 7)["choices"][0]["text"], answer.text);
    }

    #[test]
    fn answers_are_short_unless_asked_otherwise() {
        let read = |body: &[u8]| {
            let request = ModelRequest { path: "/v1/completions", body };
            OpenAiCompletions.parse(&request, &Violations::default())
        };
        let prompt = read(br#"{"model": "m", "prompt": ["a", "b"], "stop": "x"}"#).unwrap();
        assert_eq!((prompt.question().as_str(), prompt.max_tokens), ("a\nb", Some(16)));
        assert_eq!(read(br#"{"prompt": "a"}"#).unwrap_err().message, "you must provide a model parameter");
    }
}
