//! Brings an answer into the requested format: a tool's argument, Python code, JSON, or text up to a stop word.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    arguments,
    code::CodeStyle,
    inline_schema,
    schema::{Placement, fit},
    side_call,
};
use crate::{
    Answer, Prompt, ResponseFormat, Role, ToolCall, ToolChoice, ToolOffer,
    prompt::{BYTES_PER_TOKEN, FINAL_ANSWER},
};

/// Words in the names of tools that take an answer, the most likely first.
const ANSWER_TOOLS: [&str; 6] = [FINAL_ANSWER, "final", "answer", "respon", "result", "output"];
/// Names of properties that hold an answer, the most likely first.
pub(super) const ANSWER_PROPERTIES: [&str; 12] = [
    "answer",
    "final_answer",
    "reply",
    "response",
    "text",
    "message",
    "content",
    "output",
    "result",
    "summary",
    "value",
    "title",
];

/// Brings a text into the format that the prompt requests. `has_role` returns whether a tool has a purpose
/// other than to take the answer.
pub(super) fn format_text(prompt: &Prompt, text: String, has_role: impl Fn(&str) -> bool) -> Answer {
    if let Some(tool) = demanded_tool(prompt, has_role) {
        let arguments = arguments::fill(&tool.parameters, &text, &BTreeMap::new());
        return format_call(prompt, tool, arguments);
    }
    let text = match (CodeStyle::demanded_by(prompt), &prompt.response_format) {
        (Some(code), _) => code.answer(&text),
        (None, ResponseFormat::Schema(schema)) => fit_answer(schema, &text),
        (None, format) => match (inline_schema::find(prompt), format) {
            (Some(schema), _) => fit_answer(&schema, &text),
            (None, ResponseFormat::Json) => json!({ "answer": text }).to_string(),
            (None, _) => text,
        },
    };
    limit(prompt, text)
}

fn fit_answer(schema: &Value, text: &str) -> String {
    fit(schema, text, Placement::of_answer(&side_call::flags(schema))).to_string()
}

/// Returns the text to format if the question asks for nothing else: what the model said last.
pub(super) fn text_to_format(prompt: &Prompt) -> Option<&str> {
    if !prompt.tool_choice.demands_call() && prompt.response_format == ResponseFormat::Text {
        return None;
    }
    let mut texts = prompt.messages.iter().filter(|message| message.role == Role::Assistant);
    texts.rfind(|message| !message.text.trim().is_empty()).map(|message| message.text.as_str())
}

/// Creates an answer that calls a tool, or a function in code.
pub(super) fn format_call(prompt: &Prompt, tool: &ToolOffer, arguments: Value) -> Answer {
    if let Some(code) = CodeStyle::demanded_by(prompt).filter(|_| prompt.functions.contains(tool)) {
        return limit(prompt, code.call(&tool.name, &arguments));
    }
    let id = format!("call_{}", prompt.messages.len());
    Answer { text: String::new(), calls: vec![ToolCall { id, name: tool.name.clone(), arguments }] }
}

/// Creates an answer of text only. It continues the given beginning, and ends at the first stop word or at
/// the maximum length.
pub(super) fn limit(prompt: &Prompt, text: String) -> Answer {
    let begun = prompt.prefill().map(str::trim_end).filter(|begun| !begun.is_empty());
    let rest = begun.and_then(|begun| text.strip_prefix(begun)).map(str::to_owned);
    let text = before_stop(rest.unwrap_or(text), &prompt.stop);
    Answer { text: truncate(text, prompt.max_tokens), calls: vec![] }
}

/// Returns the tool that must be called to say something. Because some providers have no `tool_choice`,
/// instructions that mention `final_answer` demand that tool as well.
fn demanded_tool(prompt: &Prompt, has_role: impl Fn(&str) -> bool) -> Option<&ToolOffer> {
    match prompt.tool_choice {
        ToolChoice::Required | ToolChoice::Named(_) => {}
        ToolChoice::Auto if prompt.instructions_contain(FINAL_ANSWER) => {
            return prompt.callable().find(|tool| tool.name == FINAL_ANSWER);
        }
        ToolChoice::Auto | ToolChoice::None => return None,
    }
    prompt.callable().min_by_key(|tool| {
        let name = tool.name.to_lowercase();
        let rank = ANSWER_TOOLS.iter().position(|word| name.contains(word)).unwrap_or(ANSWER_TOOLS.len());
        (has_role(&tool.name), rank)
    })
}

/// Returns the text up to the first stop word. A provider never sends the word itself.
fn before_stop(mut text: String, stop: &[String]) -> String {
    let ends = stop.iter().filter(|word| !word.is_empty()).filter_map(|word| text.find(word.as_str()));
    if let Some(end) = ends.min() {
        text.truncate(end);
    }
    text
}

/// Cuts the text at the maximum length.
fn truncate(mut text: String, max_tokens: Option<usize>) -> String {
    let max_bytes = max_tokens.unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN);
    text.truncate(text.floor_char_boundary(max_bytes));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn format(prompt: &Prompt, text: &str) -> Answer {
        format_text(prompt, text.into(), |tool| tool.contains("memory"))
    }

    fn offers(choice: ToolChoice) -> Prompt {
        let parameters = json!({"properties": {"answer": {"type": "string"}}, "required": ["answer"]});
        let offer = |name: &str| ToolOffer { name: name.into(), parameters: parameters.clone() };
        let tools = ["save_memory", "look_around", "final_answer"].map(offer).into();
        Prompt { tools, tool_choice: choice, ..Prompt::default() }
    }

    #[test]
    fn demanded_tool_takes_the_text() {
        let call = |choice| format(&offers(choice), "It is teal.").calls.pop().map(|c| (c.name, c.arguments));
        let expected = json!({"answer": "It is teal."});
        assert_eq!(call(ToolChoice::Required), Some(("final_answer".into(), expected.clone())));
        let instructions = vec![Message::text(Role::System, "Answer by the tool final_answer.")];
        let prompt = Prompt { messages: instructions, ..offers(ToolChoice::Auto) };
        assert_eq!(format(&prompt, "It is teal.").calls[0].name, "final_answer");
        assert_eq!(call(ToolChoice::Named("look_around".into())), Some(("look_around".into(), expected)));
        assert_eq!(call(ToolChoice::Auto), None);
        assert_eq!(call(ToolChoice::None), None);
    }

    #[test]
    fn text_ends_at_the_maximum_length() {
        let cut =
            |most, text: &str| format(&Prompt { max_tokens: Some(most), ..Prompt::default() }, text).text;
        assert_eq!(cut(2, "It is teal."), "It is te");
        assert_eq!(cut(3, "It is teal."), "It is teal.");
        assert_eq!(cut(1, "Caf\u{e9}"), "Caf");
        assert_eq!(cut(0, "It is teal."), "");
    }

    #[test]
    fn stop_words_in_the_answer_do_not_cut_code() {
        let stop = vec!["Observation:".into(), "Calling tools:".into(), "</code>".into()];
        let text = format(&Prompt { stop, ..Prompt::default() }, "Observation: </code>").text;
        assert!(text.ends_with("final_answer(\"\\U0000004fbservation: \\U0000003c/code>\")\n"), "{text}");
    }

    #[test]
    fn text_ends_before_a_stop_word() {
        let prompt = Prompt { stop: vec!["Done".into()], ..Prompt::default() };
        assert_eq!(format(&prompt, "Say x.\nDone").text, "Say x.\n");
    }

    #[test]
    fn text_becomes_json_on_request() {
        let text = json!({"type": "string"});
        let schema = json!({"properties": {"why": text, "reply": text}, "required": ["why", "reply"]});
        let formatted = |response_format| {
            format(&Prompt { response_format, ..Prompt::default() }, "It is \"teal\".").text
        };
        assert_eq!(formatted(ResponseFormat::Json), r#"{"answer":"It is \"teal\"."}"#);
        assert_eq!(formatted(ResponseFormat::Schema(schema)), r#"{"why":"","reply":"It is \"teal\"."}"#);
        assert_eq!(formatted(ResponseFormat::Schema(json!({"type": "integer"}))), "1");
    }

    #[test]
    fn text_continues_a_given_beginning() {
        let begun = |text: &str| {
            let messages = vec![Message::text(Role::User, "?"), Message::text(Role::Assistant, text)];
            format(&Prompt { messages, ..Prompt::default() }, "Your name is Zorvane-4417.").text
        };
        assert_eq!(begun("Your name is "), " Zorvane-4417.");
        for other in ["", "Sure:"] {
            assert_eq!(begun(other), "Your name is Zorvane-4417.");
        }
    }
}
