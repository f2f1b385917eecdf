//! What a real provider refuses: refused with its status where the world is strict, answered and told where it is lenient.

use serde_json::{Value, json};

use crate::support::Served;

const SAID: &str = "Hi, my name is Tepuz-4305.";
const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";
const GEMINI: &str = "/v1beta/models/m:generateContent";
const OLLAMA: &str = "/api/chat";

/// A request, the status with which it is refused, and words of the refusal.
struct Case(&'static str, u16, &'static str, Value);

/// One object of the fields of two.
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
    let base = || json!({"model": "m", "messages": [user(SAID)]});
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
        case("'robot'", json!({"messages": [{"role": "robot", "content": SAID}]})),
        case("got null", json!({"messages": [{"role": "system", "content": null}, user(SAID)]})),
        case(
            "'document'",
            json!({"messages": [user(json!([{"type": "document"}, {"type": "text", "text": SAID}]))]}),
        ),
        case(
            "'messages[0].content[].file'",
            json!({"messages": [user(json!([{"type": "file"}, {"text": SAID}]))]}),
        ),
        case(
            "only allowed for messages",
            json!({"messages": [{"role": "system", "content": image}, user(SAID)]}),
        ),
        case("a preceeding message", json!({"messages": [result("a"), user(SAID)]})),
        case("'b' not found", json!({"messages": [user("x"), call, result("b"), result("a"), user(SAID)]})),
        case(
            "tool_call_id'.",
            json!({"messages": [call, {"role": "tool", "content": ""}, result("a"), user(SAID)]}),
        ),
        case("response messages: a", json!({"messages": [user("x"), call, user(SAID)]})),
        Case(
            CHAT,
            404,
            "No such File",
            with(
                base(),
                json!({"messages": [
            user(json!([{"type": "file", "file": {"file_id": "file-9"}}, {"type": "text", "text": SAID}]))]}),
            ),
        ),
    ]
}

fn responses() -> Vec<Case> {
    let base = || json!({"model": "m", "input": SAID});
    let case = |status, words, more| Case(RESPONSES, status, words, with(base(), more));
    let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"});
    let result = json!({"type": "function_call_output", "call_id": "c", "output": "x"});
    let part = |kind: &str| json!([user(json!([{"type": kind, "text": SAID}]))]);
    let beside = |item: Value| json!({"input": [item, user(SAID)]});
    vec![
        case(400, "'model'", json!({"model": ""})),
        case(400, "'resp_1' not found", json!({"previous_response_id": "resp_1"})),
        case(400, "'max_output_tokens'", json!({"max_output_tokens": 3})),
        case(404, "'conv_1' not found", json!({"conversation": {"id": "conv_1"}})),
        case(400, "'tools[0].name'", json!({"tools": [{"type": "function", "function": {"name": "f"}}]})),
        case(400, "'always'", json!({"tool_choice": "always"})),
        case(400, "'text.format.schema'", json!({"text": {"format": {"type": "json_schema", "name": "n"}}})),
        case(400, "'robot'", json!({"input": [{"role": "robot", "content": SAID}]})),
        case(400, "'input[0].role'", json!({"input": [{"content": SAID}]})),
        case(400, "'input[0].content'", beside(json!({"role": "user"}))),
        case(400, "'text'. Supported", json!({"input": part("text")})),
        case(
            400,
            "file_data'",
            json!({"input": [user(json!([{"type": "input_file"}, {"type": "input_text", "text": SAID}]))]}),
        ),
        case(400, "No tool output found", beside(call)),
        case(400, "No tool call found", beside(result)),
        case(404, "'item_1' not found", beside(json!({"type": "item_reference", "id": "item_1"}))),
        case(400, "'note'. Supported", json!({"input": [{"type": "note", "role": "user", "content": SAID}]})),
    ]
}

fn messages() -> Vec<Case> {
    let base = || json!({"model": "m", "max_tokens": 64, "messages": [user(SAID)]});
    let case = |words, more| Case(MESSAGES, 400, words, with(base(), more));
    let told = |words, messages: Value| case(words, json!({ "messages": messages }));
    let block =
        |words, block: Value| told(words, json!([user(json!([block, {"type": "text", "text": SAID}]))]));
    let source = |mime: &str, data: &str| json!({"type": "base64", "media_type": mime, "data": data});
    let call =
        json!({"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]});
    let result = json!({"type": "tool_result", "tool_use_id": "a", "content": "x"});
    let results = |all: Value| json!([user("x"), call, user(all), user(SAID)]);
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
        told("first message", json!([{"role": "assistant", "content": "x"}, user(SAID)])),
        told("messages.0.role", json!([{"role": "robot", "content": SAID}])),
        told("user messages must have non-empty", json!([user(""), user(SAID)])),
        told(
            "except for the optional final",
            json!([user("x"), {"role": "assistant", "content": ""}, user(SAID)]),
        ),
        told("trailing whitespace", json!([user(SAID), {"role": "assistant", "content": "Well, "}])),
        told("messages.0.content: Field required", json!([{"role": "user"}, user(SAID)])),
        told("valid string or list", json!([user(7), user(SAID)])),
        told("without `tool_result` blocks", json!([user("x"), call, user(SAID)])),
        told("unexpected `tool_use_id`", json!([user(json!([result])), user(SAID)])),
        told("single result", results(json!([result, result]))),
        told("only be in `assistant`", json!([{"role": "user", "content": call["content"]}, user(SAID)])),
        told(
            "content cannot be empty",
            results(json!([with(result.clone(), json!({"content": "", "is_error": true}))])),
        ),
    ]
}

fn gemini() -> Vec<Case> {
    let said = |role: &str, part: Value| json!({"role": role, "parts": [part]});
    let user = || said("user", json!({"text": SAID}));
    let case = |words, more| Case(GEMINI, 400, words, with(json!({"contents": [user()]}), more));
    let beside = |words, content: Value| case(words, json!({"contents": [content, user()]}));
    let call = || said("model", json!({"functionCall": {"name": "f"}}));
    let result = || said("user", json!({"functionResponse": {"name": "f", "response": {}}}));
    let tools = |names: [&str; 2]| json!({"tools": [{"functionDeclarations": names.map(|name| json!({"name": name}))}]});
    vec![
        case("system_instruction", json!({"systemInstruction": "be brief"})),
        case("valid role", json!({"contents": [said("robot", json!({"text": SAID}))]})),
        beside("must not be empty", json!({"role": "user", "parts": []})),
        beside("required oneof field", said("user", json!({}))),
        beside("TYPE_STRING", said("user", json!({"text": 7}))),
        beside(
            "Base64 decoding failed",
            said("user", json!({"inlineData": {"mimeType": "a/b", "data": "%"}})),
        ),
        beside("Name cannot be empty", said("user", json!({"functionCall": {}}))),
        beside("after a user turn", call()),
        beside("after a function call turn", result()),
        case("the number of", json!({"contents": [user(), call(), user()]})),
        case("Invalid function name", tools(["ok", "9x"])),
        case("Duplicate function", tools(["a", "a"])),
    ]
}

fn ollama() -> Vec<Case> {
    let base = || json!({"model": "m", "stream": false, "messages": [user(SAID)]});
    let case = |words, more| Case(OLLAMA, 400, words, with(base(), more));
    let call = json!({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]});
    vec![
        case("model is required", json!({"model": ""})),
        case("invalid role: robot", json!({"messages": [{"role": "robot", "content": SAID}]})),
        case("cannot unmarshal array", json!({"messages": [user(json!([{"type": "text", "text": SAID}]))]})),
        case(
            "illegal base64",
            json!({"messages": [with(user(SAID), json!({"images": ["data:image/png;base64,AA=="]}))]}),
        ),
        case("ToolCallFunctionArguments", json!({"messages": [user("x"), call, user(SAID)]})),
    ]
}

fn all() -> Vec<Case> {
    [chat(), responses(), messages(), gemini(), ollama()].into_iter().flatten().collect()
}

#[tokio::test]
async fn a_strict_world_refuses_it_with_the_status_of_the_vendor() {
    let served = Served::new().await;
    for Case(path, status, words, body) in all() {
        let response = served.post(path, body.to_string()).await;
        assert_eq!(response.status(), status, "{path} {body}");
        let refusal: Value = response.json().await.unwrap();
        let message = refusal.pointer("/error/message").unwrap_or(&refusal["error"]).as_str().unwrap();
        assert!(message.contains(words), "{words}: {message}");
    }
    for line in served.end().await.lines() {
        assert!(line.get("lenient").is_none() && line.get("answer").is_none(), "{line}");
    }
}

#[tokio::test]
async fn a_lenient_world_answers_it_from_what_can_be_read_and_tells_what_was_wrong() {
    let served = Served::lenient().await;
    for Case(path, _, words, body) in all() {
        let response = served.post(path, body.to_string()).await;
        assert_eq!(response.status(), 200, "{words}: {body}");
        let answer = response.text().await.unwrap();
        assert!(answer.contains("Noted."), "{words}: {answer}");
    }
    for (Case(_, _, words, body), line) in all().into_iter().zip(served.end().await.lines()) {
        let told = line["lenient"].as_array().unwrap_or_else(|| panic!("{body}"));
        assert!(told.iter().any(|told| told.as_str().unwrap().contains(words)), "{words}: {told:?}");
        assert!(line["answer"]["text"].as_str().unwrap().contains("Noted."), "{line}");
    }
}

#[tokio::test]
async fn a_lenient_world_finds_nothing_in_what_is_right_and_refuses_what_is_no_json() {
    let served = Served::lenient().await;
    served.ask(&json!({"model": "m", "messages": [user(SAID)]})).await;
    for path in [CHAT, RESPONSES, MESSAGES, GEMINI, OLLAMA] {
        assert_eq!(served.post(path, "{").await.status(), 400, "{path}");
        assert!(served.post(path, "{}").await.status().is_success(), "{path}");
    }
    assert!(served.end().await.lines()[0].get("lenient").is_none());
}
