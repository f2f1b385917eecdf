//! The form in which an answer is demanded: as a tool's argument, as Python code, as JSON, up to a stop word.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    arguments,
    code::Code,
    inline_schema,
    schema::{Placing, fit},
};
use crate::{
    Answer, Form, Message, Prompt, Role, ToolCall, ToolChoice, ToolOffer,
    prompt::{BYTES_A_TOKEN, FINAL_ANSWER},
};

/// Words in the names of tools that take an answer, the likeliest first.
const ANSWERING: [&str; 6] = [FINAL_ANSWER, "final", "answer", "respon", "result", "output"];
/// Names of properties that hold an answer, the likeliest first.
const ANSWERS: [&str; 12] = [
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

/// Gives honest words the form that the prompt demands. `is_known` says whether a tool is for something else than to
/// answer.
pub(super) fn words(prompt: &Prompt, text: String, is_known: impl Fn(&str) -> bool) -> Answer {
    if let Some(tool) = demanded_tool(prompt, is_known) {
        let arguments = arguments::fill(&tool.parameters, &text, &BTreeMap::new());
        return call(prompt, tool, arguments);
    }
    let fitted = |schema: &Value| {
        let placing = Placing { names: &ANSWERS, own: &BTreeMap::new(), repeat: false };
        fit(schema, &text, placing).to_string()
    };
    let text = match (Code::demanded(prompt), &prompt.form) {
        (Some(code), _) => code.answer(&text),
        (None, Form::Schema(schema)) => fitted(schema),
        (None, form) => match (inline_schema::schema(prompt), form) {
            (Some(schema), _) => fitted(&schema),
            (None, Form::Json) => json!({ "answer": text }).to_string(),
            (None, _) => text,
        },
    };
    spoken(prompt, text)
}

/// What is to be put into a form where nothing else is asked: what the model said last.
pub(super) fn to_put(prompt: &Prompt) -> Option<&str> {
    let tool = matches!(prompt.tool_choice, ToolChoice::Required | ToolChoice::Named(_));
    let demanded = tool || !matches!(prompt.form, Form::Words);
    let said = |m: &&Message| m.role == Role::Assistant && !m.text.trim().is_empty();
    prompt.messages.iter().rfind(said).filter(|_| demanded).map(|m| m.text.as_str())
}

/// An answer that calls one tool, or one function in code.
pub(super) fn call(prompt: &Prompt, tool: &ToolOffer, arguments: Value) -> Answer {
    let in_code = Code::demanded(prompt).filter(|_| prompt.functions.contains(tool));
    if let Some(code) = in_code {
        return spoken(prompt, code.call(&tool.name, &arguments));
    }
    let id = format!("call_{}", prompt.messages.len());
    Answer { text: String::new(), calls: vec![ToolCall { id, name: tool.name.clone(), arguments }] }
}

/// An answer of words alone: what follows its beginning, where that is given, up to the first stop word and the
/// greatest length.
fn spoken(prompt: &Prompt, text: String) -> Answer {
    let begun = prompt.prefill().map(str::trim_end).filter(|begun| !begun.is_empty());
    let rest = begun.and_then(|begun| text.strip_prefix(begun)).map(str::to_owned);
    let text = before_stop(rest.unwrap_or(text), &prompt.stop);
    Answer { text: within(text, prompt.most_tokens), calls: vec![] }
}

/// The tool that must be called although there are words to say. Where a provider has no `tool_choice`, instructions to
/// answer by `final_answer` demand it as well.
fn demanded_tool(prompt: &Prompt, is_known: impl Fn(&str) -> bool) -> Option<&ToolOffer> {
    match prompt.tool_choice {
        ToolChoice::Required | ToolChoice::Named(_) => {}
        ToolChoice::Auto if is_told(prompt, FINAL_ANSWER) => {
            return prompt.callable().find(|tool| tool.name == FINAL_ANSWER);
        }
        ToolChoice::Auto | ToolChoice::None => return None,
    }
    prompt.callable().min_by_key(|tool| {
        let name = tool.name.to_lowercase();
        let likely = ANSWERING.iter().position(|word| name.contains(word)).unwrap_or(ANSWERING.len());
        (is_known(&tool.name), likely)
    })
}

/// Whether the instructions hold the text.
fn is_told(prompt: &Prompt, text: &str) -> bool {
    prompt.messages.iter().any(|m| m.role == Role::System && m.text.contains(text))
}

/// The text up to the first stop word: a provider never sends the word itself.
fn before_stop(mut text: String, stop: &[String]) -> String {
    let ends = stop.iter().filter(|word| !word.is_empty()).filter_map(|word| text.find(word.as_str()));
    if let Some(end) = ends.min() {
        text.truncate(end);
    }
    text
}

/// The text up to its greatest length.
fn within(mut text: String, most_tokens: Option<usize>) -> String {
    let most = most_tokens.unwrap_or(usize::MAX).saturating_mul(BYTES_A_TOKEN);
    text.truncate(text.floor_char_boundary(most));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(prompt: &Prompt, text: &str) -> Answer {
        super::words(prompt, text.into(), |tool| tool.contains("memory"))
    }

    fn offers(choice: ToolChoice) -> Prompt {
        let parameters = json!({"properties": {"answer": {"type": "string"}}, "required": ["answer"]});
        let offer = |name: &str| ToolOffer { name: name.into(), parameters: parameters.clone() };
        let tools = ["save_memory", "look_around", "final_answer"].map(offer).into();
        Prompt { tools, tool_choice: choice, ..Prompt::default() }
    }

    #[test]
    fn words_go_into_a_tool_where_one_must_be_called() {
        let call = |choice| words(&offers(choice), "It is teal.").calls.pop().map(|c| (c.name, c.arguments));
        let said = json!({"answer": "It is teal."});
        assert_eq!(call(ToolChoice::Required), Some(("final_answer".into(), said.clone())));
        let told = vec![Message::text(Role::System, "Answer by the tool final_answer.")];
        let prompt = Prompt { messages: told, ..offers(ToolChoice::Auto) };
        assert_eq!(words(&prompt, "It is teal.").calls[0].name, "final_answer");
        assert_eq!(call(ToolChoice::Named("look_around".into())), Some(("look_around".into(), said)));
        assert_eq!(call(ToolChoice::Auto), None);
        assert_eq!(call(ToolChoice::None), None);
    }

    #[test]
    fn an_answer_is_no_longer_than_it_may_be() {
        let cut =
            |most, text: &str| words(&Prompt { most_tokens: Some(most), ..Prompt::default() }, text).text;
        assert_eq!(cut(2, "It is teal."), "It is te");
        assert_eq!(cut(3, "It is teal."), "It is teal.");
        assert_eq!(cut(1, "Caf\u{e9}"), "Caf");
        assert_eq!(cut(0, "It is teal."), "");
    }

    #[test]
    fn a_stop_word_in_the_answer_does_not_cut_the_code() {
        let stop = vec!["Observation:".into(), "Calling tools:".into(), "</code>".into()];
        let text = words(&Prompt { stop, ..Prompt::default() }, "Observation: </code>").text;
        assert!(text.ends_with("final_answer(\"\\U0000004fbservation: \\U0000003c/code>\")\n"), "{text}");
    }

    #[test]
    fn words_end_before_a_stop_word() {
        let prompt = Prompt { stop: vec!["Done".into()], ..Prompt::default() };
        assert_eq!(words(&prompt, "Say x.\nDone").text, "Say x.\n");
    }

    #[test]
    fn words_become_json_where_json_is_demanded() {
        let text = json!({"type": "string"});
        let schema = json!({"properties": {"why": text, "reply": text}, "required": ["why", "reply"]});
        let said = |form| words(&Prompt { form, ..Prompt::default() }, "It is \"teal\".").text;
        assert_eq!(said(Form::Json), r#"{"answer":"It is \"teal\"."}"#);
        assert_eq!(said(Form::Schema(schema)), r#"{"why":"","reply":"It is \"teal\"."}"#);
        assert_eq!(said(Form::Schema(json!({"type": "integer"}))), "1");
    }

    #[test]
    fn an_answer_goes_on_where_its_beginning_is_given() {
        let begun = |text: &str| {
            let messages = vec![Message::text(Role::User, "?"), Message::text(Role::Assistant, text)];
            words(&Prompt { messages, ..Prompt::default() }, "Your name is Zorvane-4417.").text
        };
        assert_eq!(begun("Your name is "), " Zorvane-4417.");
        for other in ["", "Sure:"] {
            assert_eq!(begun(other), "Your name is Zorvane-4417.");
        }
    }
}
