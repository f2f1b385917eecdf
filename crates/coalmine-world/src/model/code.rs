//! Python code, for runtimes that demand it: `CodeAgent` of smolagents.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schema::{Placement, fit};
use crate::{Prompt, ResponseFormat, prompt::FINAL_ANSWER};

/// The style in which a prompt demands code.
pub(super) struct CodeStyle<'a> {
    prompt: &'a Prompt,
    open: &'static str,
    close: &'static str,
}

impl<'a> CodeStyle<'a> {
    /// Returns the style if the prompt demands code. The stop words show it or, for models without stop
    /// words, the instructions.
    pub(super) fn demanded_by(prompt: &'a Prompt) -> Option<Self> {
        if !prompt.tools.is_empty() {
            return None;
        }
        let stops_at = |word: &str| prompt.stop.iter().any(|stop| stop.contains(word));
        let is_demanded = stops_at("</code>")
            || (stops_at("Observation:") && stops_at("Calling tools:"))
            || (prompt.stop.is_empty()
                && prompt.instructions_contain("final_answer(")
                && prompt.instructions_contain("'Observation:'"));
        if !is_demanded {
            return None;
        }
        let markdown = !stops_at("</code>")
            && prompt.instructions_contain("```python")
            && !prompt.instructions_contain("<code>");
        let (open, close) = if markdown { ("```python", "```") } else { ("<code>", "</code>") };
        Some(Self { prompt, open, close })
    }

    /// Writes code that gives an answer.
    pub(super) fn answer(&self, text: &str) -> String {
        let code = format!("{FINAL_ANSWER}({})", self.literal(&text.into()));
        self.write("I can answer this now.", &code)
    }

    /// Writes code that calls a function and prints its result.
    pub(super) fn call(&self, name: &str, arguments: &Value) -> String {
        let arguments = arguments.as_object().into_iter().flatten();
        let arguments: Vec<_> =
            arguments.map(|(name, value)| format!("{name}={}", self.literal(value))).collect();
        let code = format!("result = {name}({})\nprint(result)", arguments.join(", "));
        self.write(&format!("I call `{name}`."), &code)
    }

    fn write(&self, thought: &str, code: &str) -> String {
        match &self.prompt.response_format {
            ResponseFormat::Schema(schema) => {
                let placement = Placement { names: &["code"], named: &BTreeMap::new(), repeat: false };
                fit(schema, code, placement).to_string()
            }
            _ => format!("Thought: {thought}\n{}\n{code}\n{}", self.open, self.close),
        }
    }

    /// Writes a value in Python, without any stop word or closing tag in it.
    fn literal(&self, value: &Value) -> String {
        match value {
            Value::Null => "None".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => {
                let forbidden: Vec<_> =
                    self.prompt.stop.iter().map(String::as_str).chain([self.close]).collect();
                python_string(text, &forbidden)
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.literal(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(fields) => {
                let fields = fields.iter();
                let fields = fields.map(|(name, value)| {
                    format!("{}: {}", self.literal(&name.as_str().into()), self.literal(value))
                });
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Writes a Python string literal that contains none of the given words.
fn python_string(text: &str, forbidden: &[&str]) -> String {
    let mut literal = String::from("\"");
    for (index, c) in text.char_indices() {
        let begins = |word: &&str| !word.is_empty() && text[index..].starts_with(word);
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            _ if c.is_control() || forbidden.iter().any(begins) => {
                literal.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            _ => literal.push(c),
        }
    }
    literal + "\""
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{Message, Role};

    fn stopping_at(stop: &[&str]) -> Prompt {
        Prompt { stop: stop.iter().map(|word| (*word).to_owned()).collect(), ..Prompt::default() }
    }

    #[test]
    fn stop_words_or_instructions_demand_code() {
        let answer =
            |prompt: &Prompt| CodeStyle::demanded_by(prompt).map(|code| code.answer("Say \"x\\\".\nDone"));
        let code =
            "Thought: I can answer this now.\n<code>\nfinal_answer(\"Say \\\"x\\\\\\\".\\nDone\")\n</code>";
        assert_eq!(answer(&stopping_at(&["Observation:", "Calling tools:"])).as_deref(), Some(code));
        assert_eq!(answer(&stopping_at(&["Done"])), None);
        let instructions = "Results appear in 'Observation:'. Write ```python\nfinal_answer(x)\n```.";
        let prompt =
            Prompt { messages: vec![Message::text(Role::System, instructions)], ..Prompt::default() };
        assert!(
            answer(&prompt).unwrap().ends_with("```python\nfinal_answer(\"Say \\\"x\\\\\\\".\\nDone\")\n```")
        );
    }

    #[test]
    fn writes_calls_of_functions() {
        let prompt = stopping_at(&["</code>"]);
        let arguments = json!({"query": "a </code>", "all": true, "n": null, "more": {"x": [1, 2.5]}});
        let code = CodeStyle::demanded_by(&prompt).unwrap().call("recall", &arguments);
        let line = "result = recall(query=\"a \\U0000003c/code>\", all=True, n=None, more={\"x\": [1, 2.5]})";
        assert_eq!(code, format!("Thought: I call `recall`.\n<code>\n{line}\nprint(result)\n</code>"));
    }

    #[test]
    fn writes_code_into_json_on_request() {
        let text = json!({"type": "string"});
        let schema = json!({"properties": {"thought": text, "code": text}, "required": ["thought", "code"]});
        let prompt = Prompt {
            response_format: ResponseFormat::Schema(schema),
            ..stopping_at(&["Observation:", "Calling tools:"])
        };
        let code = CodeStyle::demanded_by(&prompt).unwrap().answer("teal");
        assert_eq!(code, r#"{"thought":"","code":"final_answer(\"teal\")"}"#);
    }

    proptest! {
        #[test]
        fn literals_stay_on_one_line_and_are_closed(text in "(\\PC|[\"\\\\\n\t\r]){0,20}") {
            let literal = python_string(&text, &["</code>"]);
            prop_assert!(!literal.contains(|c: char| c.is_control()));
            let inner = &literal[1..literal.len() - 1];
            let bare = inner.replace("\\\\", "").replace("\\\"", "");
            prop_assert!(!bare.contains('"') && !bare.ends_with('\\'));
        }
    }
}
