//! Reads requests for embeddings.

use serde_json::Value;

use super::{EmbeddingForm, EmbeddingRequest};
use crate::{http::Refusal, provider::Violations};

/// Maximum number of dimensions, and of texts in a request.
const MAX_DIMENSIONS: u64 = 4_096;
const MAX_TEXTS: usize = 2_048;

/// Reads a request.
pub(super) fn read(
    form: EmbeddingForm,
    body: &[u8],
    violations: &Violations,
) -> Result<EmbeddingRequest, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!("We could not parse the JSON body of your request: {error}"))
    })?;
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut dimensions = vec![];
    let texts = match form {
        EmbeddingForm::OpenAi => {
            violations
                .check(!model.is_empty(), || Refusal::bad_request("you must provide a model parameter"))?;
            let missing = || Refusal::bad_request("Missing required parameter: 'input'.");
            let texts = inputs(&violations.demand(body.get("input").cloned(), missing)?);
            violations.check(texts.iter().all(|text| !text.is_empty()), || {
                Refusal::bad_request("Invalid 'input': input cannot be an empty string.")
            })?;
            texts
        }
        EmbeddingForm::Ollama | EmbeddingForm::OllamaSingle => {
            violations.check(!model.is_empty(), || Refusal::bad_request("model is required"))?;
            let key = if form == EmbeddingForm::Ollama { "input" } else { "prompt" };
            inputs(body.get(key).unwrap_or(&Value::Null))
        }
        EmbeddingForm::Gemini => {
            dimensions.push(size(&body, 768)?);
            vec![content(&body, violations)?]
        }
        EmbeddingForm::GeminiBatch => {
            let requests = body.get("requests").and_then(Value::as_array).cloned();
            let missing =
                || Refusal::bad_request("* BatchEmbedContentsRequest.requests: requests is not specified\n");
            let mut texts = vec![];
            for request in violations.demand(requests, missing)?.iter().take(MAX_TEXTS) {
                dimensions.push(size(request, 768)?);
                texts.push(content(request, violations)?);
            }
            texts
        }
    };
    if texts.len() > MAX_TEXTS {
        return Err(Refusal::bad_request(format!(
            "Invalid 'input': maximum array length is {MAX_TEXTS}, but got {}.",
            texts.len()
        )));
    }
    if dimensions.is_empty() {
        let default = match form {
            EmbeddingForm::OpenAi if model.contains("3-large") => 3_072,
            EmbeddingForm::OpenAi => 1_536,
            _ => 768,
        };
        dimensions = vec![size(&body, default)?; texts.len()];
    }
    let base64 = body.get("encoding_format").and_then(Value::as_str) == Some("base64");
    Ok(EmbeddingRequest { model, texts, dimensions, base64 })
}

/// Returns the requested number of dimensions.
fn size(request: &Value, default: u64) -> Result<usize, Refusal> {
    let keys = ["dimensions", "outputDimensionality", "output_dimensionality"];
    let configured = request.get("embedContentConfig").unwrap_or(&Value::Null);
    let given = keys.iter().find_map(|key| request.get(key).or_else(|| configured.get(key)));
    let size = match given {
        None | Some(Value::Null) => Some(default),
        Some(given) => given.as_u64().filter(|size| (1..=MAX_DIMENSIONS).contains(size)),
    };
    size.and_then(|size| usize::try_from(size).ok()).ok_or_else(|| {
        Refusal::bad_request(format!(
            "Invalid 'dimensions': integer below minimum value. Expected a value >= 1 and <= {MAX_DIMENSIONS}."
        ))
    })
}

/// Returns the texts of an input: one text or several, or tokens, which stand for words.
fn inputs(input: &Value) -> Vec<String> {
    match input {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) if items.iter().all(Value::is_number) && !items.is_empty() => vec![tokens(items)],
        Value::Array(items) => items.iter().map(text_of).collect(),
        _ => vec![],
    }
}

fn text_of(item: &Value) -> String {
    match item {
        Value::String(text) => text.clone(),
        Value::Array(numbers) => tokens(numbers),
        _ => String::new(),
    }
}

fn tokens(numbers: &[Value]) -> String {
    numbers.iter().map(|number| format!("token{number}")).collect::<Vec<_>>().join(" ")
}

/// Returns the text of a content of Gemini.
fn content(request: &Value, violations: &Violations) -> Result<String, Refusal> {
    let content = violations.demand(request.get("content").cloned(), || {
        Refusal::bad_request("* EmbedContentRequest.content: contents is not specified\n")
    })?;
    if let Value::String(text) = &content {
        return Ok(text.clone());
    }
    let parts = content.get("parts").and_then(Value::as_array).into_iter().flatten();
    Ok(parts.filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n"))
}
