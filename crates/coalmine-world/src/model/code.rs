//! Python code, where a runtime demands it: smolagents' `CodeAgent`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schema::{Placing, fit};
use crate::{Form, Prompt, Role, prompt::FINAL_ANSWER};

/// How code is to be written.
pub(super) struct Code<'a> {
    prompt: &'a Prompt,
    open: &'static str,
    close: &'static str,
}

impl<'a> Code<'a> {
    /// Known by the stop words and, for models that take none, by the instructions.
    pub(super) fn demanded(prompt: &'a Prompt) -> Option<Self> {
        if !prompt.tools.is_empty() {
            return None;
        }
        let stops_at = |word: &str| prompt.stop.iter().any(|stop| stop.contains(word));
        let is_told =
            |word: &str| prompt.messages.iter().any(|m| m.role == Role::System && m.text.contains(word));
        let demanded = stops_at("</code>")
            || (stops_at("Observation:") && stops_at("Calling tools:"))
            || (prompt.stop.is_empty() && is_told("final_answer(") && is_told("'Observation:'"));
        let markdown = !stops_at("</code>") && is_told("```python") && !is_told("<code>");
        let (open, close) = if markdown { ("```python", "```") } else { ("<code>", "</code>") };
        demanded.then_some(Self { prompt, open, close })
    }

    /// Code that answers.
    pub(super) fn answer(&self, text: &str) -> String {
        let code = format!("{FINAL_ANSWER}({})", self.literal(&text.into()));
        self.write("I can answer this now.", &code)
    }

    /// Code that calls a function and shows what it gives back.
    pub(super) fn call(&self, name: &str, arguments: &Value) -> String {
        let arguments = arguments.as_object().into_iter().flatten();
        let arguments: Vec<_> =
            arguments.map(|(name, value)| format!("{name}={}", self.literal(value))).collect();
        let code = format!("result = {name}({})\nprint(result)", arguments.join(", "));
        self.write(&format!("I call `{name}`."), &code)
    }

    fn write(&self, thought: &str, code: &str) -> String {
        match &self.prompt.form {
            Form::Schema(schema) => {
                let placing = Placing { names: &["code"], own: &BTreeMap::new(), repeat: false };
                fit(schema, code, placing).to_string()
            }
            _ => format!("Thought: {thought}\n{}\n{code}\n{}", self.open, self.close),
        }
    }

    /// A value as Python writes it; no stop word and no closing tag is in it.
    fn literal(&self, value: &Value) -> String {
        let list = |items: Vec<String>| items.join(", ");
        match value {
            Value::Null => "None".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => {
                let avoided: Vec<_> =
                    self.prompt.stop.iter().map(String::as_str).chain([self.close]).collect();
                python_string(text, &avoided)
            }
            Value::Array(items) => {
                format!("[{}]", list(items.iter().map(|item| self.literal(item)).collect()))
            }
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| {
                    format!("{}: {}", self.literal(&name.as_str().into()), self.literal(value))
                };
                format!("{{{}}}", list(fields.iter().map(field).collect()))
            }
        }
    }
}

/// A Python string literal that contains none of the given words.
fn python_string(text: &str, avoided: &[&str]) -> String {
    let mut literal = String::from("\"");
    for (at, c) in text.char_indices() {
        let begins = |word: &&str| !word.is_empty() && text[at..].starts_with(word);
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            _ if c.is_control() || avoided.iter().any(begins) => {
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
    use crate::Message;

    fn stopping_at(stop: &[&str]) -> Prompt {
        Prompt { stop: stop.iter().map(|word| (*word).to_owned()).collect(), ..Prompt::default() }
    }

    #[test]
    fn code_is_demanded_by_stop_words_or_by_instructions() {
        let wanted = |prompt: &Prompt| Code::demanded(prompt).map(|code| code.answer("Say \"x\\\".\nDone"));
        let code =
            "Thought: I can answer this now.\n<code>\nfinal_answer(\"Say \\\"x\\\\\\\".\\nDone\")\n</code>";
        assert_eq!(wanted(&stopping_at(&["Observation:", "Calling tools:"])).as_deref(), Some(code));
        assert_eq!(wanted(&stopping_at(&["Done"])), None);
        let told = "Results appear in 'Observation:'. Write ```python\nfinal_answer(x)\n```.";
        let prompt = Prompt { messages: vec![Message::text(Role::System, told)], ..Prompt::default() };
        assert!(
            wanted(&prompt).unwrap().ends_with("```python\nfinal_answer(\"Say \\\"x\\\\\\\".\\nDone\")\n```")
        );
    }

    #[test]
    fn a_function_is_called_in_code() {
        let prompt = stopping_at(&["</code>"]);
        let arguments = json!({"query": "a </code>", "all": true, "n": null, "more": {"x": [1, 2.5]}});
        let code = Code::demanded(&prompt).unwrap().call("recall", &arguments);
        let line = "result = recall(query=\"a \\U0000003c/code>\", all=True, n=None, more={\"x\": [1, 2.5]})";
        assert_eq!(code, format!("Thought: I call `recall`.\n<code>\n{line}\nprint(result)\n</code>"));
    }

    #[test]
    fn code_stands_in_json_where_that_is_demanded() {
        let text = json!({"type": "string"});
        let schema = json!({"properties": {"thought": text, "code": text}, "required": ["thought", "code"]});
        let prompt =
            Prompt { form: Form::Schema(schema), ..stopping_at(&["Observation:", "Calling tools:"]) };
        let code = Code::demanded(&prompt).unwrap().answer("teal");
        assert_eq!(code, r#"{"thought":"","code":"final_answer(\"teal\")"}"#);
    }

    proptest! {
        #[test]
        fn a_literal_stays_on_its_line_and_ends_at_its_end(text in "(\\PC|[\"\\\\\n\t\r]){0,20}") {
            let literal = python_string(&text, &["</code>"]);
            prop_assert!(!literal.contains(|c: char| c.is_control()));
            let inner = &literal[1..literal.len() - 1];
            let bare = inner.replace("\\\\", "").replace("\\\"", "");
            prop_assert!(!bare.contains('"') && !bare.ends_with('\\'));
        }
    }
}
