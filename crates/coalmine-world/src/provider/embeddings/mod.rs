//! Embeddings, in the forms of several vendors: deterministic vectors in which texts with common words are
//! close.

mod request;
mod vector;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::Violations;
use crate::{budget::Budget, http::Refusal, prompt::BYTES_PER_TOKEN};

/// Maximum number of numbers in a response: as many texts as vendors accept, in the usual number of dimensions.
const MAX_NUMBERS: usize = 2_048 * 1_536;
/// The usual number of bytes that a number takes, in memory and in the response.
const BYTES_PER_NUMBER: usize = 26;

/// The form of a request for embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmbeddingForm {
    /// `/v1/embeddings` of OpenAI, and `/openai/deployments/<name>/embeddings` of Azure.
    OpenAi,
    /// `/api/embed` of Ollama: one text or several.
    Ollama,
    /// `/api/embeddings` of Ollama: one text.
    OllamaSingle,
    /// `:embedContent` of Gemini: one content.
    Gemini,
    /// `:batchEmbedContents` of Gemini: several contents.
    GeminiBatch,
}

/// A request for embeddings.
struct EmbeddingRequest {
    model: String,
    texts: Vec<String>,
    /// The number of dimensions of each vector, one for each text.
    dimensions: Vec<usize>,
    base64: bool,
}

/// Embeddings, and the texts that they are of.
pub(crate) struct Embedded {
    pub(crate) texts: Vec<String>,
    /// The response as JSON.
    pub(crate) body: Vec<u8>,
}

/// Answers a request for embeddings.
pub(crate) fn answer(
    form: EmbeddingForm,
    body: &[u8],
    violations: &Violations,
    budget: &Budget,
) -> Result<Embedded, Refusal> {
    let request = request::read(form, body, violations)?;
    let numbers = request.dimensions.iter().sum::<usize>();
    if numbers > MAX_NUMBERS {
        return Err(Refusal { status: 413, message: "The request asks for too many numbers.".into() });
    }
    let length = numbers.saturating_mul(BYTES_PER_NUMBER);
    // while the response is written; what is sent takes a share of its own
    let _held = budget.take(length)?;
    let sizes = request.texts.iter().zip(&request.dimensions);
    let vectors: Vec<_> = sizes.map(|(text, dimensions)| Vector(vector::embed(text, *dimensions))).collect();
    let tokens = request.texts.iter().map(|text| text.len().div_ceil(BYTES_PER_TOKEN)).sum::<usize>();
    let mut body = Vec::with_capacity(length);
    // writing to memory never fails
    let _ = write(form, &request, &vectors, tokens, &mut body);
    body.shrink_to_fit();
    Ok(Embedded { texts: request.texts, body })
}

/// Writes a response. Vectors are written number by number: as JSON values they would take many times the memory.
fn write(
    form: EmbeddingForm,
    request: &EmbeddingRequest,
    vectors: &[Vector],
    tokens: usize,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let model = request.model.as_str();
    match form {
        EmbeddingForm::OpenAi => {
            let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
            let item = |(index, vector)| {
                let embedding =
                    if request.base64 { Encoded::Base64(encode(vector)) } else { Encoded::Numbers(vector) };
                OpenAiItem { object: "embedding", index, embedding }
            };
            let data = vectors.iter().enumerate().map(item).collect();
            serde_json::to_writer(out, &OpenAiList { object: "list", data, model, usage })
        }
        EmbeddingForm::Ollama => serde_json::to_writer(
            out,
            &OllamaList {
                model,
                embeddings: vectors,
                total_duration: 2_000_000,
                load_duration: 1_000_000,
                prompt_eval_count: tokens,
            },
        ),
        EmbeddingForm::OllamaSingle => serde_json::to_writer(out, &OllamaItem { embedding: vectors.first() }),
        EmbeddingForm::Gemini => {
            serde_json::to_writer(out, &GeminiItem { embedding: GeminiVector { values: vectors.first() } })
        }
        EmbeddingForm::GeminiBatch => {
            let embeddings = vectors.iter().map(|vector| GeminiVector { values: Some(vector) }).collect();
            serde_json::to_writer(out, &GeminiList { embeddings })
        }
    }
}

/// A vector, which is written as JSON numbers in double precision.
struct Vector(Vec<f32>);

impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|value| f64::from(*value)))
    }
}

#[derive(Serialize)]
struct OpenAiList<'a> {
    object: &'static str,
    data: Vec<OpenAiItem<'a>>,
    model: &'a str,
    usage: Value,
}

#[derive(Serialize)]
struct OpenAiItem<'a> {
    object: &'static str,
    index: usize,
    embedding: Encoded<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Encoded<'a> {
    Base64(String),
    Numbers(&'a Vector),
}

#[derive(Serialize)]
struct OllamaList<'a> {
    model: &'a str,
    embeddings: &'a [Vector],
    total_duration: u32,
    load_duration: u32,
    prompt_eval_count: usize,
}

#[derive(Serialize)]
struct OllamaItem<'a> {
    embedding: Option<&'a Vector>,
}

#[derive(Serialize)]
struct GeminiItem<'a> {
    embedding: GeminiVector<'a>,
}

#[derive(Serialize)]
struct GeminiList<'a> {
    embeddings: Vec<GeminiVector<'a>>,
}

#[derive(Serialize)]
struct GeminiVector<'a> {
    values: Option<&'a Vector>,
}

/// Encodes a vector as little-endian numbers in base64.
fn encode(vector: &Vector) -> String {
    let bytes: Vec<u8> = vector.0.iter().flat_map(|value| value.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(form: EmbeddingForm, body: &Value) -> Result<Value, String> {
        let body = body.to_string();
        let embedded = answer(form, body.as_bytes(), &Violations::default(), &Budget::new(usize::MAX));
        let body = embedded.map(|embedded| serde_json::from_slice(&embedded.body).unwrap());
        body.map_err(|refusal| refusal.message)
    }

    #[test]
    fn every_form_has_its_default_size() {
        let openai = json!({"model": "m", "input": ["a b", "c"]});
        let content = json!({"parts": [{"text": "a b"}]});
        let batch =
            json!({"requests": [{"content": content, "outputDimensionality": 8}, {"content": content}]});
        for (form, body, place, dimensions) in [
            (EmbeddingForm::OpenAi, openai, "/data/1/embedding", 1536),
            (
                EmbeddingForm::OpenAi,
                json!({"model": "m", "input": "a", "dimensions": 64}),
                "/data/0/embedding",
                64,
            ),
            (EmbeddingForm::OpenAi, json!({"model": "m", "input": [5, 7]}), "/data/0/embedding", 1536),
            (EmbeddingForm::Ollama, json!({"model": "m", "input": "a"}), "/embeddings/0", 768),
            (EmbeddingForm::OllamaSingle, json!({"model": "m", "prompt": "a"}), "/embedding", 768),
            (EmbeddingForm::Gemini, json!({"content": content}), "/embedding/values", 768),
            (EmbeddingForm::GeminiBatch, batch.clone(), "/embeddings/0/values", 8),
            (EmbeddingForm::GeminiBatch, batch, "/embeddings/1/values", 768),
        ] {
            let body = asked(form, &body).unwrap();
            let found = body.pointer(place).and_then(Value::as_array).unwrap().len();
            assert_eq!(found, dimensions, "{form:?}");
        }
    }

    #[test]
    fn base64_holds_the_same_numbers() {
        let ask = |format: &str| {
            let body = json!({"model": "m", "input": "a b", "dimensions": 16, "encoding_format": format});
            asked(EmbeddingForm::OpenAi, &body).unwrap()["data"][0]["embedding"].clone()
        };
        let bytes = STANDARD.decode(ask("base64").as_str().unwrap()).unwrap();
        let decoded = bytes.chunks(4).map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())));
        assert_eq!(Value::from_iter(decoded), ask("float"));
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let openai = |body| asked(EmbeddingForm::OpenAi, &body).unwrap_err();
        assert_eq!(openai(json!({"input": "a"})), "you must provide a model parameter");
        assert!(openai(json!({"model": "m"})).contains("'input'"));
        assert!(openai(json!({"model": "m", "input": ""})).contains("empty string"));
        assert!(openai(json!({"model": "m", "input": "a", "dimensions": 0})).contains("'dimensions'"));
        assert!(
            asked(EmbeddingForm::Ollama, &json!({"input": "a"})).unwrap_err().contains("model is required")
        );
        assert!(asked(EmbeddingForm::Gemini, &json!({})).unwrap_err().contains("content"));
    }

    #[test]
    fn refuses_more_numbers_than_vendors_send() {
        let many = json!({"model": "m", "input": vec!["a"; 2_048], "dimensions": 4_096});
        assert!(asked(EmbeddingForm::OpenAi, &many).unwrap_err().contains("too many numbers"));
        let body = json!({"model": "m", "input": "a"}).to_string();
        let refused =
            answer(EmbeddingForm::OpenAi, body.as_bytes(), &Violations::default(), &Budget::new(9_000));
        assert_eq!(refused.map(|_| ()).unwrap_err().status, 503);
    }
}
