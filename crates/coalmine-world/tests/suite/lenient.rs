//! What a real provider refuses: a strict world refuses it with the same status, a lenient one answers and
//! records it.

use serde_json::{Value, json};

use crate::support::TestWorld;

const STATEMENT: &str = "Hi, my name is Tepuz-4305.";
const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";
const GEMINI: &str = "/v1beta/models/m:generateContent";
const OLLAMA: &str = "/api/chat";

/// A path, the status of the refusal, a part of its message, and the body of the request.
struct Case(&'static str, u16, &'static str, Value);

/// Merges the fields of two objects.
fn with(mut base: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

fn user(content: impl Into<Value>) -> Value {
    json!({"role": "user", "content": content.into()})
}

fn chat() -> Vec<Case> {
    let base = || json!({"model": "m", "messages": [user(STATEMENT)]});
    let case = |words, more| Case(CHAT, 400, words, with(base(), more));
    let call = json!({"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "x"});
    let image = json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]);
    vec![
        case("must provide a model", json!({"model": null})),
        case("'tools[0].function'", json!({"tools": [{"type": "function", "name": "f"}]})),
        case("'always'", json!({"tool_choice": "always"})),
        case("'g' not found", json!({"tool_choice": {"type": "function", "function": {"name": "g"}}})),
        case("only allowed when 'tools'", json!({"tool_choice": "required"})),
        case("'xml'", json!({"response_format": {"type": "xml"}})),
        case("the word 'json'", json!({"response_format": {"type": "json_object"}})),
        case("json_schema.name'", json!({"response_format": {"type": "json_schema"}})),
        case("'robot'", json!({"messages": [{"role": "robot", "content": STATEMENT}]})),
        case("got null", json!({"messages": [{"role": "system", "content": null}, user(STATEMENT)]})),
        case(
            "'document'",
            json!({"messages": [user(json!([{"type": "document"}, {"type": "text", "text": STATEMENT}]))]}),
        ),
        case(
            "'messages[0].content[].file'",
            json!({"messages": [user(json!([{"type": "file"}, {"text": STATEMENT}]))]}),
        ),
        case(
            "only allowed for messages",
            json!({"messages": [{"role": "system", "content": image}, user(STATEMENT)]}),
        ),
        case("a preceeding message", json!({"messages": [result("a"), user(STATEMENT)]})),
        case(
            "'b' not found",
            json!({"messages": [user("x"), call, result("b"), result("a"), user(STATEMENT)]}),
        ),
        case(
            "tool_call_id'.",
            json!({"messages": [call, {"role": "tool", "content": ""}, result("a"), user(STATEMENT)]}),
        ),
        case("response messages: a", json!({"messages": [user("x"), call, user(STATEMENT)]})),
        Case(
            CHAT,
            404,
            "No such File",
            with(
                base(),
                json!({"messages": [
            user(json!([{"type": "file", "file": {"file_id": "file-9"}}, {"type": "text", "text": STATEMENT}]))]}),
            ),
        ),
    ]
}

fn responses() -> Vec<Case> {
    let base = || json!({"model": "m", "input": STATEMENT});
    let case = |status, words, more| Case(RESPONSES, status, words, with(base(), more));
    let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"});
    let result = json!({"type": "function_call_output", "call_id": "c", "output": "x"});
    let part = |kind: &str| json!([user(json!([{"type": kind, "text": STATEMENT}]))]);
    let beside = |item: Value| json!({"input": [item, user(STATEMENT)]});
    vec![
        case(400, "'model'", json!({"model": ""})),
        case(400, "'resp_1' not found", json!({"previous_response_id": "resp_1"})),
        case(400, "'max_output_tokens'", json!({"max_output_tokens": 3})),
        case(404, "'conv_1' not found", json!({"conversation": {"id": "conv_1"}})),
        case(400, "'tools[0].name'", json!({"tools": [{"type": "function", "function": {"name": "f"}}]})),
        case(400, "'always'", json!({"tool_choice": "always"})),
        case(400, "'text.format.schema'", json!({"text": {"format": {"type": "json_schema", "name": "n"}}})),
        case(400, "'robot'", json!({"input": [{"role": "robot", "content": STATEMENT}]})),
        case(400, "'input[0].role'", json!({"input": [{"content": STATEMENT}]})),
        case(400, "'input[0].content'", beside(json!({"role": "user"}))),
        case(400, "'text'. Supported", json!({"input": part("text")})),
        case(
            400,
            "file_data'",
            json!({"input": [user(json!([{"type": "input_file"}, {"type": "input_text", "text": STATEMENT}]))]}),
        ),
        case(400, "No tool output found", beside(call)),
        case(400, "No tool call found", beside(result)),
        case(404, "'item_1' not found", beside(json!({"type": "item_reference", "id": "item_1"}))),
        case(
            400,
            "'note'. Supported",
            json!({"input": [{"type": "note", "role": "user", "content": STATEMENT}]}),
        ),
    ]
}

fn messages() -> Vec<Case> {
    let base = || json!({"model": "m", "max_tokens": 64, "messages": [user(STATEMENT)]});
    let case = |words, more| Case(MESSAGES, 400, words, with(base(), more));
    let given = |words, messages: Value| case(words, json!({ "messages": messages }));
    let block = |words, block: Value| {
        given(words, json!([user(json!([block, {"type": "text", "text": STATEMENT}]))]))
    };
    let source = |mime: &str, data: &str| json!({"type": "base64", "media_type": mime, "data": data});
    let call =
        json!({"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]});
    let result = json!({"type": "tool_result", "tool_use_id": "a", "content": "x"});
    let results = |all: Value| json!([user("x"), call, user(all), user(STATEMENT)]);
    vec![
        block("must be non-empty", json!({"type": "text", "text": ""})),
        block("non-whitespace", json!({"type": "text", "text": " \n"})),
        block("Input tag 'image_url'", json!({"type": "image_url"})),
        block("content.0.type: Field required", json!({"text": "x"})),
        block("document.source: Field required", json!({"type": "document"})),
        block(
            "media_type: Input should be",
            json!({"type": "document", "source": source("text/csv", "eHh4")}),
        ),
        block("invalid base64", json!({"type": "image", "source": source("image/png", "a-_=")})),
        block("tool_use_id: Field required", json!({"type": "tool_result"})),
        case("model: Field required", json!({"model": null})),
        case("max_tokens: Field required", json!({"max_tokens": null})),
        case("system: text content blocks", json!({"system": [{"type": "text", "text": ""}]})),
        case("tool_choice: may only", json!({"tool_choice": {"type": "any"}})),
        case(
            "Input tag 'all'",
            json!({"tools": [{"name": "f", "input_schema": {}}], "tool_choice": {"type": "all"}}),
        ),
        case("output_config.format.type", json!({"output_config": {"format": {"type": "json"}}})),
        case("output_format.schema: Field", json!({"output_format": {"type": "json_schema"}})),
        case("input_schema: Field required", json!({"tools": [{"name": "f"}]})),
        case(
            "must be unique",
            json!({"tools": [{"name": "f", "input_schema": {}}, {"name": "f", "input_schema": {}}]}),
        ),
        given("first message", json!([{"role": "assistant", "content": "x"}, user(STATEMENT)])),
        given("messages.0.role", json!([{"role": "robot", "content": STATEMENT}])),
        given("user messages must have non-empty", json!([user(""), user(STATEMENT)])),
        given(
            "except for the optional final",
            json!([user("x"), {"role": "assistant", "content": ""}, user(STATEMENT)]),
        ),
        given("trailing whitespace", json!([user(STATEMENT), {"role": "assistant", "content": "Well, "}])),
        given("messages.0.content: Field required", json!([{"role": "user"}, user(STATEMENT)])),
        given("valid string or list", json!([user(7), user(STATEMENT)])),
        given("without `tool_result` blocks", json!([user("x"), call, user(STATEMENT)])),
        given("unexpected `tool_use_id`", json!([user(json!([result])), user(STATEMENT)])),
        given("single result", results(json!([result, result]))),
        given(
            "only be in `assistant`",
            json!([{"role": "user", "content": call["content"]}, user(STATEMENT)]),
        ),
        given(
            "content cannot be empty",
            results(json!([with(result.clone(), json!({"content": "", "is_error": true}))])),
        ),
    ]
}

fn gemini() -> Vec<Case> {
    let turn = |role: &str, part: Value| json!({"role": role, "parts": [part]});
    let user = || turn("user", json!({"text": STATEMENT}));
    let case = |words, more| Case(GEMINI, 400, words, with(json!({"contents": [user()]}), more));
    let beside = |words, content: Value| case(words, json!({"contents": [content, user()]}));
    let call = || turn("model", json!({"functionCall": {"name": "f"}}));
    let result = || turn("user", json!({"functionResponse": {"name": "f", "response": {}}}));
    let tools = |names: [&str; 2]| json!({"tools": [{"functionDeclarations": names.map(|name| json!({"name": name}))}]});
    vec![
        case("system_instruction", json!({"systemInstruction": "be brief"})),
        case("valid role", json!({"contents": [turn("robot", json!({"text": STATEMENT}))]})),
        beside("must not be empty", json!({"role": "user", "parts": []})),
        beside("required oneof field", turn("user", json!({}))),
        beside("TYPE_STRING", turn("user", json!({"text": 7}))),
        beside(
            "Base64 decoding failed",
            turn("user", json!({"inlineData": {"mimeType": "a/b", "data": "%"}})),
        ),
        beside("Name cannot be empty", turn("user", json!({"functionCall": {}}))),
        beside("after a user turn", call()),
        beside("after a function call turn", result()),
        case("the number of", json!({"contents": [user(), call(), user()]})),
        case("Invalid function name", tools(["ok", "9x"])),
        case("Duplicate function", tools(["a", "a"])),
    ]
}

fn ollama() -> Vec<Case> {
    let base = || json!({"model": "m", "stream": false, "messages": [user(STATEMENT)]});
    let case = |words, more| Case(OLLAMA, 400, words, with(base(), more));
    let call = json!({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]});
    vec![
        case("model is required", json!({"model": ""})),
        case("invalid role: robot", json!({"messages": [{"role": "robot", "content": STATEMENT}]})),
        case(
            "cannot unmarshal array",
            json!({"messages": [user(json!([{"type": "text", "text": STATEMENT}]))]}),
        ),
        case(
            "illegal base64",
            json!({"messages": [with(user(STATEMENT), json!({"images": ["data:image/png;base64,AA=="]}))]}),
        ),
        case("ToolCallFunctionArguments", json!({"messages": [user("x"), call, user(STATEMENT)]})),
    ]
}

fn all() -> Vec<Case> {
    [chat(), responses(), messages(), gemini(), ollama()].into_iter().flatten().collect()
}

#[tokio::test]
async fn strict_world_refuses_with_the_status_of_the_vendor() {
    let world = TestWorld::start().await;
    for Case(path, status, words, body) in all() {
        let response = world.post(path, body.to_string()).await;
        assert_eq!(response.status(), status, "{path} {body}");
        let refusal: Value = response.json().await.unwrap();
        let message = refusal.pointer("/error/message").unwrap_or(&refusal["error"]).as_str().unwrap();
        assert!(message.contains(words), "{words}: {message}");
    }
    for line in world.end().await.lines() {
        assert!(line.get("lenient").is_none() && line.get("answer").is_none(), "{line}");
    }
}

#[tokio::test]
async fn lenient_world_answers_and_records_violations() {
    let world = TestWorld::start_lenient().await;
    for Case(path, _, words, body) in all() {
        let response = world.post(path, body.to_string()).await;
        assert_eq!(response.status(), 200, "{words}: {body}");
        let answer = response.text().await.unwrap();
        assert!(answer.contains("Noted."), "{words}: {answer}");
    }
    for (Case(_, _, words, body), line) in all().into_iter().zip(world.end().await.lines()) {
        let violations = line["lenient"].as_array().unwrap_or_else(|| panic!("{body}"));
        let is_recorded = violations.iter().any(|message| message.as_str().unwrap().contains(words));
        assert!(is_recorded, "{words}: {violations:?}");
        assert!(line["answer"]["text"].as_str().unwrap().contains("Noted."), "{line}");
    }
}

#[tokio::test]
async fn lenient_world_refuses_invalid_json_only() {
    let world = TestWorld::start_lenient().await;
    world.ask(&json!({"model": "m", "messages": [user(STATEMENT)]})).await;
    for path in [CHAT, RESPONSES, MESSAGES, GEMINI, OLLAMA] {
        assert_eq!(world.post(path, "{").await.status(), 400, "{path}");
        assert!(world.post(path, "{}").await.status().is_success(), "{path}");
    }
    assert!(world.end().await.lines()[0].get("lenient").is_none());
}
