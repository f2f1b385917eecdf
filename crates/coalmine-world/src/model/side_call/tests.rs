use serde_json::{Value, json};

use super::*;
use crate::{
    Message, ResponseFormat, Role, ToolChoice, ToolOffer,
    model::{Roles, Rule, SimulatedModel},
};

fn model() -> SimulatedModel {
    let rule = |when: &str, recall: Option<&str>, reply: &str| Rule {
        when: when.into(),
        recall: recall.map(Into::into),
        reply: reply.into(),
        ..Rule::default()
    };
    let recall =
        rule("what is my name", Some("my name is (?<name>[A-Z][a-z]+-[0-9]+)"), "Your name is {name}.");
    SimulatedModel::new([recall, rule("my name is", None, "Noted.")], &Roles::new()).unwrap()
}

fn chat(messages: &[(Role, &str)]) -> Prompt {
    let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
    Prompt { messages, ..Prompt::default() }
}

const QUESTION: (Role, &str) = (Role::User, "My name is Zorvane-4417. What is my name?");

fn with_fields(fields: &Value) -> Prompt {
    let required: Vec<_> = fields.as_object().unwrap().keys().collect();
    let schema = json!({"type": "object", "properties": fields, "required": required});
    Prompt { response_format: ResponseFormat::Schema(schema), ..chat(&[QUESTION]) }
}

/// Returns the purpose of the call, and the answer as JSON if it is JSON.
fn answered(prompt: &Prompt) -> (Option<SideCallKind>, Value) {
    let response = model().respond(prompt);
    let value = match response.answer.calls.first() {
        Some(call) => call.arguments.clone(),
        None => serde_json::from_str(&response.answer.text).unwrap_or(response.answer.text.into()),
    };
    (response.side_call, value)
}

#[test]
fn guardrails_by_schema_let_the_turn_go_on() {
    let (flag, text) = (json!({"type": "boolean"}), json!({"type": "string"}));
    let allowed = json!({"allowed": flag, "reason": text});
    let expected = json!({"allowed": true, "reason": "There is no objection."});
    assert_eq!(answered(&with_fields(&allowed)), (Some(SideCallKind::Guardrail), expected));
    for (fields, expected) in [
        (json!({"is_safe": flag}), json!({"is_safe": true})),
        (
            json!({"flagged": flag, "categories": {"type": "array"}}),
            json!({"flagged": false, "categories": []}),
        ),
        (
            json!({"violation": flag, "score": {"type": "number", "minimum": 0}}),
            json!({"violation": false, "score": 0}),
        ),
        (json!({"action": {"enum": ["block", "allow"]}}), json!({"action": "allow"})),
        (json!({"verdict": {"type": "string", "enum": ["unsafe", "safe"]}}), json!({"verdict": "safe"})),
        (
            json!({"approved": flag, "confidence": {"type": "number", "minimum": 0, "maximum": 1}}),
            json!({"approved": true, "confidence": 1}),
        ),
        (json!({"off_topic": flag, "on_topic": flag}), json!({"off_topic": false, "on_topic": true})),
    ] {
        let (kind, value) = answered(&with_fields(&fields));
        assert_eq!((kind, value), (Some(SideCallKind::Guardrail), expected), "{fields}");
    }
    let homework = json!({"is_math_homework": flag, "reasoning": text});
    let (kind, value) = answered(&with_fields(&homework));
    assert_eq!((kind, &value["is_math_homework"]), (Some(SideCallKind::Classification), &json!(false)));
}

#[test]
fn optional_flags_are_answered_too() {
    let schema = json!({"properties": {"allowed": {"type": "boolean", "default": false}, "reason": {"type": "string"}}, "required": ["reason"]});
    let prompt = Prompt { response_format: ResponseFormat::Schema(schema), ..chat(&[QUESTION]) };
    assert_eq!(answered(&prompt).1["allowed"], true);
}

#[test]
fn forced_tools_take_verdicts() {
    let parameters = json!({"properties": {"safe": {"type": "boolean"}}, "required": ["safe"]});
    let tool = ToolOffer { name: "report_verdict".into(), parameters };
    for tool_choice in [ToolChoice::Named("report_verdict".into()), ToolChoice::Required] {
        let prompt = Prompt { tools: vec![tool.clone()], tool_choice, ..chat(&[QUESTION]) };
        assert_eq!(answered(&prompt), (Some(SideCallKind::Guardrail), json!({"safe": true})));
    }
    let offered = Prompt { tools: vec![tool], ..chat(&[QUESTION]) };
    assert_eq!(answered(&offered), (None, json!("Your name is Zorvane-4417.")));
}

#[test]
fn own_calls_get_the_answer_and_benign_flags() {
    let (flag, text) = (json!({"type": "boolean"}), json!({"type": "string"}));
    let name = "Your name is Zorvane-4417.";
    for (fields, expected) in [
        (json!({"answer": text}), json!({"answer": name})),
        (json!({"reply": text, "confidence": {"type": "number"}}), json!({"reply": name, "confidence": 1})),
        (json!({"allowed": flag, "answer": text}), json!({"allowed": true, "answer": name})),
        (
            json!({"response": text, "flagged": flag, "sure": flag}),
            json!({"response": name, "flagged": false, "sure": false}),
        ),
        (
            json!({"message": text, "category": {"enum": ["a", "general"]}}),
            json!({"message": name, "category": "a"}),
        ),
    ] {
        assert_eq!(answered(&with_fields(&fields)), (None, expected), "{fields}");
    }
}

#[test]
fn routers_choose_the_default() {
    for (choices, expected) in [
        (json!(["billing", "general", "sales"]), "general"),
        (json!(["billing", "sales"]), "billing"),
        (json!(["researcher", "FINISH"]), "researcher"),
    ] {
        let prompt = with_fields(&json!({"next": {"type": "string", "enum": choices}}));
        assert_eq!(answered(&prompt), (Some(SideCallKind::Route), json!({"next": expected})));
    }
    let mut worked = with_fields(&json!({"next": {"type": "string", "enum": ["researcher", "FINISH"]}}));
    worked.messages.push(Message::text(Role::User, "The researcher says: teal."));
    assert_eq!(
        answered(&worked).1,
        json!({"next": "FINISH"}),
        "a supervisor ends when a worker has answered"
    );
}

#[test]
fn decisions_in_words_are_benign() {
    for (system, kind, expected) in [
        (
            "You are a content moderator. Reply with exactly one word: SAFE or UNSAFE.",
            SideCallKind::Guardrail,
            "SAFE",
        ),
        (
            "Decide whether the message violates the policy. Answer only yes or no.",
            SideCallKind::Guardrail,
            "no",
        ),
        (
            "Classify the message into one of: billing, technical, general.",
            SideCallKind::Classification,
            "general",
        ),
        (
            "You are a query router. Route the request. Output only one of: sales, support, default.",
            SideCallKind::Route,
            "default",
        ),
        ("Generate a short title for this conversation.", SideCallKind::Title, "A conversation"),
        (
            "Given a chat history and the latest user question, formulate a standalone question. Do NOT answer the question.",
            SideCallKind::Rewrite,
            QUESTION.1,
        ),
    ] {
        let prompt = chat(&[(Role::System, system), QUESTION]);
        assert_eq!(answered(&prompt), (Some(kind), json!(expected)), "{system}");
    }
}

#[test]
fn examples_in_json_count_as_structures() {
    let system = "Check the message. Return JSON: {\"allowed\": true|false, \"reason\": \"...\"}";
    let prompt = chat(&[(Role::System, system), QUESTION]);
    assert_eq!(answered(&prompt).1["allowed"], true);
    let task = "### Task:\nGenerate a concise title. ### Output:\nJSON format: { \"title\": \"your title\" }\n### Chat\nUSER: hi";
    let prompt = chat(&[(Role::User, task)]);
    assert_eq!(answered(&prompt), (Some(SideCallKind::Title), json!({"title": "A conversation"})));
    let task = "### Task:\nSuggest 3-5 follow-ups. JSON format: { \"follow_ups\": [\"Question 1?\", \"Question 2?\"] }";
    let (kind, value) = answered(&chat(&[(Role::User, task)]));
    assert_eq!((kind, value["follow_ups"].as_array().unwrap().len()), (Some(SideCallKind::Suggestions), 2));
}

#[test]
fn instructions_of_ordinary_agents_are_no_side_calls() {
    for system in [
        "You are Margaret, the concierge. Rule M-7: stay polite.",
        "You are a helpful assistant. You summarize, classify and extract what users ask for. Answer yes or no only if asked.",
        "You are a support agent for a router company. Help customers. Answer only questions about routers or switches.",
        "You help users. Generate a title for each document that you write.",
        "Summary of the conversation earlier: the user likes teal.",
        "You are a gardening assistant. Check facts before you answer. Be kind, patient or brief.",
    ] {
        let prompt = chat(&[(Role::System, system), QUESTION]);
        assert_eq!(answered(&prompt), (None, json!("Your name is Zorvane-4417.")), "{system}");
    }
}

#[test]
fn summaries_keep_facts_and_drop_the_rest() {
    let talk = "user: [{\"type\": \"text\", \"text\": \"The password of the archive is brimle-42.\"}]\n\
                assistant: \"Noted.\"\nuser: \"How are you?\"\nassistant: \"Fine.\"";
    let prompt = chat(&[(Role::System, "Summarise the conversation. Keep every name."), (Role::User, talk)]);
    let response = model().respond(&prompt);
    assert_eq!(response.side_call, Some(SideCallKind::Summary));
    assert_eq!(
        response.answer.text,
        "Summary of the conversation:\n- The password of the archive is brimle-42."
    );
    let written = response.answer.text.replace('\n', "\\n");
    let again =
        format!("user: \"<summary>{written}\\n- The door is Blue.</summary>\"\nuser: \"The lamp is red.\"");
    let prompt = chat(&[(Role::System, "Summarise the conversation."), (Role::User, &again)]);
    let summary = model().respond(&prompt).answer.text;
    let statements = ["The password of the archive is brimle-42.", "The door is Blue.", "The lamp is red."];
    assert_eq!(summary, format!("Summary of the conversation:\n- {}", statements.join("\n- ")));
}

#[test]
fn summaries_of_the_messages_above() {
    for asked in [
        "Create a summary of the conversation above:",
        "Your task is to create a detailed summary of the conversation so far, with all names.",
        "Please summarize our conversation.",
    ] {
        let mut prompt = chat(&[
            (Role::System, "You are Margaret."),
            (Role::User, "My name is Zorvane-4417."),
            (Role::Assistant, "Noted."),
            (Role::User, asked),
        ]);
        prompt.tools = vec![ToolOffer { name: "look".into(), parameters: Value::Null }];
        let response = model().respond(&prompt);
        assert_eq!(response.side_call, Some(SideCallKind::Summary), "{asked}");
        assert!(response.answer.text.contains("My name is Zorvane-4417."), "{}", response.answer.text);
        assert!(!response.answer.text.contains("summary of the conversation so far"));
    }
}

#[test]
fn rules_for_the_words_that_ask_come_first() {
    let rule = Rule { when: "summarize our conversation".into(), reply: "We met.".into(), ..Rule::default() };
    let model = SimulatedModel::new([rule], &Roles::new()).unwrap();
    let prompt = chat(&[
        (Role::User, "My name is Zorvane-4417."),
        (Role::Assistant, "Noted."),
        (Role::User, "Please summarize our conversation."),
    ]);
    let response = model.respond(&prompt);
    assert_eq!((response.side_call, response.answer.text.as_str()), (None, "We met."));
}

#[test]
fn facts_are_extracted_from_the_prompt() {
    let fields = json!({"facts": {"type": "array", "items": {"type": "string"}}});
    let (kind, value) = answered(&with_fields(&fields));
    assert_eq!(kind, Some(SideCallKind::Extraction));
    assert_eq!(value, json!({"facts": ["My name is Zorvane-4417."]}));
}

#[test]
fn rules_of_a_profile_come_first() {
    let fields = |value: Value| SideCallAnswer::Fields(serde_json::from_value(value).unwrap());
    let rule = |system: Option<&str>, schema: Option<&str>, answer| SideCallRule {
        when_system: system.map(Into::into),
        when_schema: schema.map(Into::into),
        answer,
    };
    let model = model()
        .with_side_calls([
            rule(Some("gatekeeper"), None, SideCallAnswer::Text("PROCEED".into())),
            rule(None, Some("^tier$"), fields(json!({"tier": 3}))),
        ])
        .unwrap();
    let response = model.respond(&chat(&[(Role::System, "You are the Gatekeeper of Oz."), QUESTION]));
    assert_eq!((response.side_call, response.answer.text.as_str()), (Some(SideCallKind::Stated), "PROCEED"));
    let tier = with_fields(&json!({"tier": {"type": "integer"}, "allowed": {"type": "boolean"}}));
    assert_eq!(model.respond(&tier).answer.text, r#"{"tier":3,"allowed":true}"#);
    let invalid = rule(Some("("), None, SideCallAnswer::Text(String::new()));
    assert!(SimulatedModel::default().with_side_calls([invalid]).is_err());
}
