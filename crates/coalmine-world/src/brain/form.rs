//! The form in which an answer is demanded: as a tool's argument, as Python code, up to a stop word.

use std::collections::BTreeMap;

use serde_json::Value;

use super::arguments;
use crate::{
    Answer, Prompt, Role, ToolCall, ToolChoice, ToolOffer,
    prompt::{BYTES_A_TOKEN, FINAL_ANSWER},
};

/// Words in the names of tools that take an answer, the likeliest first.
const ANSWERING: [&str; 6] = [FINAL_ANSWER, "final", "answer", "respon", "result", "output"];

/// Gives an honest answer in words the form that the prompt demands. `is_known` says whether a tool is for something
/// else than to answer.
pub(super) fn give(prompt: &Prompt, answer: Answer, is_known: impl Fn(&str) -> bool) -> Answer {
    if !answer.calls.is_empty() {
        return answer;
    }
    if let Some(tool) = demanded_tool(prompt, is_known) {
        return call(prompt, tool, arguments::fill(&tool.parameters, &answer.text, &BTreeMap::new()));
    }
    let text = match code_tags(prompt) {
        Some((open, close)) => {
            let avoided: Vec<_> = prompt.stop.iter().map(String::as_str).chain([close]).collect();
            let literal = python_string(&answer.text, &avoided);
            format!("Thought: I can answer this now.\n{open}\n{FINAL_ANSWER}({literal})\n{close}")
        }
        None => answer.text,
    };
    Answer { text: within(before_stop(text, &prompt.stop), prompt.most_tokens), calls: vec![] }
}

/// An answer that calls one tool.
pub(super) fn call(prompt: &Prompt, tool: &ToolOffer, arguments: Value) -> Answer {
    let id = format!("call_{}", prompt.messages.len());
    Answer { text: String::new(), calls: vec![ToolCall { id, name: tool.name.clone(), arguments }] }
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

/// The tags around code, where code is demanded: smolagents' `CodeAgent`, known by its stop words and, for models that
/// take none, by its instructions.
fn code_tags(prompt: &Prompt) -> Option<(&'static str, &'static str)> {
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
    demanded.then_some(if markdown { ("```python", "```") } else { ("<code>", "</code>") })
}

/// Whether the instructions hold the text.
fn is_told(prompt: &Prompt, text: &str) -> bool {
    prompt.messages.iter().any(|m| m.role == Role::System && m.text.contains(text))
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::Message;

    fn words(prompt: &Prompt, text: &str) -> Answer {
        give(prompt, Answer { text: text.into(), calls: vec![] }, |tool| tool.contains("memory"))
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
    fn words_become_code_where_code_is_demanded() {
        let demanded = |stop: &[&str]| {
            let stop = stop.iter().map(|word| (*word).to_owned()).collect();
            words(&Prompt { stop, ..Prompt::default() }, "Say \"x\\\".\nDone").text
        };
        let code = "Thought: I can answer this now.\n<code>\nfinal_answer(\"Say \\\"x\\\\\\\".\\nDone\")\n";
        assert_eq!(demanded(&["Observation:", "Calling tools:"]), format!("{code}</code>"));
        assert_eq!(demanded(&["Observation:", "Calling tools:", "</code>"]), code);
        assert_eq!(demanded(&["Done"]), "Say \"x\\\".\n");
        let told = "Results appear in 'Observation:'. Write ```python\nfinal_answer(x)\n```.";
        let prompt = Prompt { messages: vec![Message::text(Role::System, told)], ..Prompt::default() };
        assert!(words(&prompt, "teal").text.ends_with("```python\nfinal_answer(\"teal\")\n```"));
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
