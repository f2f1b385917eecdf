//! Embeddings, in the forms of several vendors: deterministic vectors in which texts with common words are
//! close.

mod request;
mod vector;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::Violations;
use crate::{http::Refusal, prompt::BYTES_PER_TOKEN};

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
    pub(crate) body: Value,
}

/// Answers a request for embeddings.
pub(crate) fn answer(form: EmbeddingForm, body: &[u8], violations: &Violations) -> Result<Embedded, Refusal> {
    let request = request::read(form, body, violations)?;
    let sizes = request.texts.iter().zip(&request.dimensions);
    let vectors: Vec<_> = sizes.map(|(text, dimensions)| vector::embed(text, *dimensions)).collect();
    let tokens = request.texts.iter().map(|text| text.len().div_ceil(BYTES_PER_TOKEN)).sum::<usize>();
    let body = match form {
        EmbeddingForm::OpenAi => {
            let item = |(index, vector): (usize, &Vec<f32>)| {
                let embedding = if request.base64 { encode(vector).into() } else { values(vector) };
                json!({ "object": "embedding", "index": index, "embedding": embedding })
            };
            let data: Vec<_> = vectors.iter().enumerate().map(item).collect();
            json!({
                "object": "list", "data": data, "model": request.model,
                "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
            })
        }
        EmbeddingForm::Ollama => json!({
            "model": request.model, "embeddings": vectors.iter().map(|vector| values(vector)).collect::<Vec<_>>(),
            "total_duration": 2_000_000, "load_duration": 1_000_000, "prompt_eval_count": tokens,
        }),
        EmbeddingForm::OllamaSingle => json!({ "embedding": vectors.first().map(|vector| values(vector)) }),
        EmbeddingForm::Gemini => {
            json!({ "embedding": { "values": vectors.first().map(|vector| values(vector)) } })
        }
        EmbeddingForm::GeminiBatch => {
            let embeddings = vectors.iter().map(|vector| json!({ "values": values(vector) }));
            json!({ "embeddings": embeddings.collect::<Vec<_>>() })
        }
    };
    Ok(Embedded { texts: request.texts, body })
}

fn values(vector: &[f32]) -> Value {
    vector.iter().map(|value| f64::from(*value)).collect()
}

/// Encodes a vector as little-endian numbers in base64.
fn encode(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(form: EmbeddingForm, body: &Value) -> Result<Value, String> {
        let embedded = answer(form, body.to_string().as_bytes(), &Violations::default());
        embedded.map(|embedded| embedded.body).map_err(|refusal| refusal.message)
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
}
