//! The requests: a conversation of usual size that mentions a name and then asks for it.

use serde_json::json;

pub(super) const CHAT: &str = "/v1/chat/completions";

/// A rendered request.
pub(super) struct Request {
    /// The bytes on the wire.
    pub(super) bytes: Vec<u8>,
    /// The name that its answer must hold.
    pub(super) name: String,
}

/// Renders the request number `number` with a body of about `bytes`.
pub(super) fn request(number: usize, bytes: usize) -> Request {
    let name = format!("Zorvane-{:04}", number % 10_000);
    let body = |filling: usize| {
        json!({
            "model": "gpt-4o-mini", "temperature": 0.2, "stream": false,
            "messages": [
                { "role": "system", "content": format!("You help with what people ask. {}", words(filling)) },
                { "role": "user", "content": format!("Hi, my name is {name}. My sister is called Tepuz-4305.") },
                { "role": "assistant", "content": "Noted." },
                { "role": "user", "content": "How do I move a file on the command line, \"quoted\"\nand all?" },
                { "role": "assistant", "content": "With `mv`.\n\n```sh\nmv \"from here\" \"to there\"\n```" },
                { "role": "user", "content": "What's my name?" },
            ],
            "tools": [tool("get_weather", "city"), tool("search_web", "query")],
        })
        .to_string()
    };
    let least = body(0).len();
    let body = body(bytes.saturating_sub(least));
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\nauthorization: Bearer not-a-key\r\n\
         content-type: application/json\r\nuser-agent: coalmine-bench\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Request { bytes: (head + &body).into_bytes(), name }
}

fn tool(name: &str, argument: &str) -> serde_json::Value {
    let argument = json!({ argument: { "type": "string", "description": "What to look for" } });
    let parameters =
        json!({ "type": "object", "properties": argument, "required": [], "additionalProperties": false });
    let description = "Looks something up and returns what was found as text";
    json!({
        "type": "function",
        "function": { "name": name, "description": description, "strict": true, "parameters": parameters },
    })
}

/// Returns plain words of this length.
fn words(bytes: usize) -> String {
    "Answer in short sentences, and say so if you do not know. ".chars().cycle().take(bytes).collect()
}
