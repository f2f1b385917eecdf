//! A conversation as a request of each dialect.

use serde_json::{Value, json};

use super::conversation::{Conversation, EncodedFile, Entry};

/// The functions that code may call, as the instructions of smolagents list them.
const FUNCTIONS: &str = "def recall(query: string) -> string:\ndef commit(content: string) -> string:\n\
                         def final_answer(answer: any) -> any:";

/// Returns the path and the body of a request.
pub(super) fn request(dialect: &str, conversation: &Conversation) -> (&'static str, Value) {
    let body = Body::new(conversation);
    match dialect {
        "openai-chat" => ("/v1/chat/completions", body.chat()),
        "openai-responses" => ("/v1/responses", body.responses()),
        "anthropic" => ("/v1/messages", body.anthropic()),
        "gemini" => ("/v1beta/models/m:generateContent", body.gemini()),
        "ollama-chat" => ("/api/chat", body.ollama()),
        "bedrock" => ("/model/m/converse", body.bedrock()),
        "openai-completions" => ("/v1/completions", body.completions()),
        _ => ("/api/generate", body.generate()),
    }
}

struct Body<'a> {
    conversation: &'a Conversation,
    system: String,
    stop: Value,
    schema: Value,
    names: &'static [&'static str],
}

fn object(properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

impl<'a> Body<'a> {
    fn new(conversation: &'a Conversation) -> Self {
        let (system, stop) = if conversation.code {
            (format!("{}\n{FUNCTIONS}", conversation.system), json!(["Observation:", "Calling tools:"]))
        } else {
            (conversation.system.clone(), json!(["END"]))
        };
        let text = json!({"type": "string"});
        let inner = object(json!({"sure": {"type": "boolean"}, "content": text, "answer": text}));
        let offers: &[&str] = &["recall", "commit", "final_answer"];
        let names = if conversation.tools && !conversation.code { offers } else { &[] };
        Self {
            conversation,
            system,
            stop,
            schema: object(json!({"parts": {"type": "array", "items": inner}})),
            names,
        }
    }

    fn each_entry(&self, write: impl Fn(usize, &Entry) -> Vec<Value>) -> Vec<Value> {
        self.conversation.entries.iter().enumerate().flat_map(|(index, entry)| write(index, entry)).collect()
    }

    /// Adds the tools in the shape of the dialect, and the tool choice.
    fn offer(&self, body: &mut Value, tool: impl Fn(&str) -> Value, choice: Value) {
        if !self.names.is_empty() {
            body["tools"] = self.names.iter().map(|name| tool(name)).collect();
            body["tool_choice"] = choice;
        }
    }

    fn choice(&self, must: &str) -> Value {
        json!(if self.conversation.must_call { must } else { "auto" })
    }

    fn chat(&self) -> Value {
        let mut messages = vec![json!({"role": "system", "content": self.system})];
        messages.extend(self.each_entry(|index, entry| match entry {
            Entry::User(text) => vec![json!({"role": "user", "content": text})],
            Entry::Model(text) => vec![json!({"role": "assistant", "content": text})],
            Entry::ToolResult(text) => {
                let id = format!("c{index}");
                let call = json!({"id": id, "type": "function", "function": {"name": "look", "arguments": "{}"}});
                vec![
                    json!({"role": "assistant", "content": null, "tool_calls": [call]}),
                    json!({"role": "tool", "tool_call_id": id, "content": text}),
                ]
            }
            file => file
                .file()
                .map(|EncodedFile { data, mime }| {
                    let url = format!("data:{mime};base64,{data}");
                    let part = match file {
                        Entry::Image(_) => json!({"type": "image_url", "image_url": {"url": url}}),
                        _ => json!({"type": "file", "file": {"filename": "a", "file_data": url}}),
                    };
                    json!({"role": "user", "content": [part]})
                })
                .into_iter()
                .collect(),
        }));
        let mut body = json!({"model": "m", "messages": messages, "stop": self.stop});
        let tool =
            |name: &str| json!({"type": "function", "function": {"name": name, "parameters": self.schema}});
        self.offer(&mut body, tool, self.choice("required"));
        if self.conversation.schema {
            let format = json!({"name": "n", "schema": self.schema, "strict": true});
            body["response_format"] = json!({"type": "json_schema", "json_schema": format});
        }
        body
    }

    fn responses(&self) -> Value {
        let input = self.each_entry(|index, entry| match entry {
            Entry::User(text) => vec![json!({"role": "user", "content": text})],
            Entry::Model(text) => vec![json!({"role": "assistant", "content": text})],
            Entry::ToolResult(text) => {
                let id = format!("c{index}");
                vec![
                    json!({"type": "function_call", "call_id": id, "name": "look", "arguments": "{}"}),
                    json!({"type": "function_call_output", "call_id": id, "output": text}),
                ]
            }
            file => file
                .file()
                .map(|EncodedFile { data, mime }| {
                    let url = format!("data:{mime};base64,{data}");
                    let part = match file {
                        Entry::Image(_) => json!({"type": "input_image", "image_url": url}),
                        _ => json!({"type": "input_file", "filename": "a", "file_data": url}),
                    };
                    json!({"role": "user", "content": [part]})
                })
                .into_iter()
                .collect(),
        });
        let mut body = json!({"model": "m", "instructions": self.system, "input": input});
        let tool = |name: &str| json!({"type": "function", "name": name, "parameters": self.schema});
        self.offer(&mut body, tool, self.choice("required"));
        if self.conversation.schema {
            body["text"] = json!({"format": {"type": "json_schema", "name": "n", "schema": self.schema}});
        }
        body
    }

    fn anthropic(&self) -> Value {
        let messages = self.each_entry(|index, entry| match entry {
            Entry::User(text) => vec![json!({"role": "user", "content": text})],
            Entry::Model(text) => vec![json!({"role": "assistant", "content": text})],
            Entry::ToolResult(text) => {
                let id = format!("c{index}");
                let call = json!({"type": "tool_use", "id": id, "name": "look", "input": {}});
                let result = json!({"type": "tool_result", "tool_use_id": id, "content": text});
                vec![
                    json!({"role": "assistant", "content": [call]}),
                    json!({"role": "user", "content": [result]}),
                ]
            }
            file => file
                .file()
                .map(|EncodedFile { data, mime }| {
                    let source = match file {
                        Entry::TextFile(text) => json!({"type": "text", "media_type": mime, "data": text}),
                        _ => json!({"type": "base64", "media_type": mime, "data": data}),
                    };
                    let kind = if matches!(file, Entry::Image(_)) { "image" } else { "document" };
                    json!({"role": "user", "content": [{"type": kind, "source": source}]})
                })
                .into_iter()
                .collect(),
        });
        let mut body = json!({
            "model": "m", "max_tokens": 999, "system": self.system, "messages": messages, "stop_sequences": self.stop,
        });
        let tool = |name: &str| json!({"name": name, "input_schema": self.schema});
        self.offer(&mut body, tool, json!({"type": self.choice("any")}));
        if self.conversation.schema {
            body["output_config"] = json!({"format": {"type": "json_schema", "schema": self.schema}});
        }
        body
    }

    fn gemini(&self) -> Value {
        let turn = |role: &str, part: Value| json!({"role": role, "parts": [part]});
        let contents = self.each_entry(|_, entry| match entry {
            Entry::User(text) => vec![turn("user", json!({"text": text}))],
            Entry::Model(text) => vec![turn("model", json!({"text": text}))],
            Entry::ToolResult(text) => vec![
                turn("model", json!({"functionCall": {"name": "look", "args": {}}})),
                turn("user", json!({"functionResponse": {"name": "look", "response": {"result": text}}})),
            ],
            file => file
                .file()
                .map(|EncodedFile { data, mime }| {
                    turn("user", json!({"inlineData": {"mimeType": mime, "data": data}}))
                })
                .into_iter()
                .collect(),
        });
        let mut config = json!({"stopSequences": self.stop});
        if self.conversation.schema {
            config["responseMimeType"] = "application/json".into();
            config["responseJsonSchema"] = self.schema.clone();
        }
        let system = json!({"parts": [{"text": self.system}]});
        let mut body = json!({"contents": contents, "systemInstruction": system, "generationConfig": config});
        if !self.names.is_empty() {
            let declared =
                self.names.iter().map(|name| json!({"name": name, "parametersJsonSchema": self.schema}));
            body["tools"] = json!([{"functionDeclarations": declared.collect::<Vec<_>>()}]);
            let mode = if self.conversation.must_call { "ANY" } else { "AUTO" };
            body["toolConfig"] = json!({"functionCallingConfig": {"mode": mode}});
        }
        body
    }

    fn ollama(&self) -> Value {
        let mut messages = vec![json!({"role": "system", "content": self.system})];
        messages.extend(self.each_entry(|_, entry| {
            match entry {
                Entry::User(text) => vec![json!({"role": "user", "content": text})],
                Entry::Model(text) => vec![json!({"role": "assistant", "content": text})],
                Entry::ToolResult(text) => {
                    let call = json!({"function": {"name": "look", "arguments": {}}});
                    vec![
                        json!({"role": "assistant", "content": "", "tool_calls": [call]}),
                        json!({"role": "tool", "content": text}),
                    ]
                }
                file => file
                .file()
                    .map(|EncodedFile { data, .. }| json!({"role": "user", "content": "see", "images": [data]}))
                    .into_iter()
                    .collect(),
            }
        }));
        let mut body = json!({"model": "m", "messages": messages, "options": {"stop": self.stop}});
        let tool =
            |name: &str| json!({"type": "function", "function": {"name": name, "parameters": self.schema}});
        self.offer(&mut body, tool, Value::Null);
        if self.conversation.schema {
            body["format"] = self.schema.clone();
        }
        body
    }

    fn bedrock(&self) -> Value {
        let messages = self.each_entry(|index, entry| match entry {
            Entry::User(text) => vec![json!({"role": "user", "content": [{"text": text}]})],
            Entry::Model(text) => vec![json!({"role": "assistant", "content": [{"text": text}]})],
            Entry::ToolResult(text) => {
                let id = format!("c{index}");
                let call = json!({"toolUse": {"toolUseId": id, "name": "look", "input": {}}});
                let result = json!({"toolResult": {"toolUseId": id, "content": [{"text": text}]}});
                vec![
                    json!({"role": "assistant", "content": [call]}),
                    json!({"role": "user", "content": [result]}),
                ]
            }
            file => file
                .file()
                .map(|EncodedFile { data, mime }| {
                    let format = mime.rsplit('/').next().unwrap_or_default();
                    let source = json!({"bytes": data});
                    let block = match file {
                        Entry::Image(_) => json!({"image": {"format": format, "source": source}}),
                        _ => json!({"document": {"format": format, "name": "a", "source": source}}),
                    };
                    json!({"role": "user", "content": [block]})
                })
                .into_iter()
                .collect(),
        });
        let mut body = json!({
            "messages": messages, "system": [{"text": self.system}], "inferenceConfig": {"stopSequences": self.stop},
        });
        if !self.names.is_empty() {
            let tool =
                |name: &&str| json!({"toolSpec": {"name": name, "inputSchema": {"json": self.schema}}});
            let choice = if self.conversation.must_call { "any" } else { "auto" };
            let tools: Vec<_> = self.names.iter().map(tool).collect();
            body["toolConfig"] = json!({"tools": tools, "toolChoice": {choice: {}}});
        }
        body
    }

    /// Writes the generation's request in the legacy form.
    fn completions(&self) -> Value {
        let mut body = self.generate();
        body["max_tokens"] = json!(4_096);
        body["stop"] = self.stop.clone();
        body
    }

    fn generate(&self) -> Value {
        let mut body = json!({"model": "m", "system": self.system, "prompt": self.conversation.everything()});
        if self.conversation.schema {
            body["format"] = self.schema.clone();
        }
        body
    }
}
