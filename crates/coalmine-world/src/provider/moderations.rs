//! Moderation, as OpenAI has it: nothing is flagged.

use serde_json::{Map, Value, json};

use crate::http::Refusal;

/// The categories of the vendor.
const CATEGORIES: [&str; 13] = [
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

/// Maximum number of texts in a request.
const MAX_TEXTS: usize = 2_048;

/// Answers a request for moderation: one result for each text, or for all parts of one input together.
pub(crate) fn answer(body: &[u8], id: u64) -> Result<Value, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!("We could not parse the JSON body of your request: {error}"))
    })?;
    let input =
        body.get("input").ok_or_else(|| Refusal::bad_request("Missing required parameter: 'input'."))?;
    let count = match input {
        Value::Array(texts) if texts.iter().all(Value::is_string) => texts.len(),
        _ => 1,
    };
    if count > MAX_TEXTS {
        let message = format!("Invalid 'input': maximum array length is {MAX_TEXTS}, but got {count}.");
        return Err(Refusal::bad_request(message));
    }
    let of_all = |value: Value| CATEGORIES.map(|name| (name.to_owned(), value.clone())).into_iter().collect();
    let (categories, scores, types): (Map<_, _>, Map<_, _>, Map<_, _>) =
        (of_all(false.into()), of_all(json!(0.000_01)), of_all(json!(["text"])));
    let result = json!({
        "flagged": false, "categories": categories, "category_scores": scores, "category_applied_input_types": types,
    });
    let model = body.get("model").and_then(Value::as_str).unwrap_or("omni-moderation-latest");
    Ok(json!({ "id": format!("modr-{id:012}"), "model": model, "results": vec![result; count] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_nothing() {
        let body = answer(br#"{"input": ["a", "b"]}"#, 7).unwrap();
        assert_eq!(body["results"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&body["results"][0]["flagged"], &body["results"][1]["categories"]["hate"]),
            (&json!(false), &json!(false))
        );
        assert!(answer(b"{}", 7).is_err());
        let many = json!({ "input": vec![""; MAX_TEXTS + 1] }).to_string();
        assert!(answer(many.as_bytes(), 7).unwrap_err().message.contains("maximum array length"));
    }
}
