//! Tool choice and stop words, in the forms that several vendors share.

use serde_json::Value;

use crate::{ToolChoice, ToolOffer, http::Refusal, provider::Violations};

/// Reads `tool_choice` in the forms of Chat Completions and of Responses.
pub(in crate::provider) fn read_choice(
    given: Option<&Value>,
    tools: &[ToolOffer],
    violations: &Violations,
) -> Result<ToolChoice, Refusal> {
    let text = |pointer: &str| given.and_then(|given| given.pointer(pointer)).and_then(Value::as_str);
    let name = text("/function/name").or_else(|| text("/name"));
    let mode = text("").or_else(|| text("/allowed_tools/mode")).or_else(|| text("/mode"));
    let choice = match (mode, name) {
        (None, Some(name)) => ToolChoice::Named(name.to_owned()),
        (Some("required"), _) => ToolChoice::Required,
        (Some("none"), _) => return Ok(ToolChoice::None),
        (Some("auto"), _) => ToolChoice::Auto,
        (Some(other), _) => {
            violations.add(Refusal::bad_request(format!(
                "Invalid value: '{other}'. Supported values are: 'none', 'auto', and 'required'."
            )))?;
            ToolChoice::Auto
        }
        (None, None) => return Ok(ToolChoice::Auto),
    };
    let reason = match &choice {
        ToolChoice::Named(name) if !tools.iter().any(|tool| tool.name == *name) => {
            format!("Tool choice 'function' with name '{name}' not found in 'tools' parameter.")
        }
        ToolChoice::Required if tools.is_empty() => {
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
                .into()
        }
        _ => return Ok(choice),
    };
    violations.add(Refusal::bad_request(reason)).map(|()| ToolChoice::Auto)
}

/// Reads one stop word or several.
pub(in crate::provider) fn read_stop(given: Option<&Value>) -> Vec<String> {
    match given {
        Some(Value::String(word)) => vec![word.clone()],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_choices_in_every_form() {
        let tools = [ToolOffer { name: "f".into(), parameters: Value::Null }];
        let chosen = |given: Value| {
            read_choice(Some(&given), &tools, &Violations::default()).map_err(|refusal| refusal.message)
        };
        let named = Ok(ToolChoice::Named("f".into()));
        assert_eq!(chosen(json!({"type": "function", "function": {"name": "f"}})), named);
        assert_eq!(chosen(json!({"type": "function", "name": "f"})), named);
        let allowed = json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}});
        assert_eq!(chosen(allowed), Ok(ToolChoice::Required));
        assert_eq!(chosen(json!("none")), Ok(ToolChoice::None));
        assert_eq!(chosen(Value::Null), Ok(ToolChoice::Auto));
        assert!(chosen(json!("always")).unwrap_err().contains("'always'"));
        assert!(chosen(json!({"type": "function", "name": "g"})).unwrap_err().contains("'g' not found"));
    }

    #[test]
    fn reads_one_stop_word_or_several() {
        assert_eq!(read_stop(Some(&json!("a"))), ["a"]);
        assert_eq!(read_stop(Some(&json!(["a", "b"]))), ["a", "b"]);
        assert!(read_stop(Some(&Value::Null)).is_empty());
    }
}
