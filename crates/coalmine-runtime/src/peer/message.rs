//! A message to a peer, in the dialect that it speaks.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{task::Role, wire::Dialect};

/// What is said to a peer.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) text: String,
    /// A correct runtime sends none.
    pub(crate) metadata: Option<Value>,
}

impl Outgoing {
    /// The whole request.
    pub(super) fn request(&self, dialect: Dialect, context_id: &str) -> Value {
        let id = Uuid::new_v4();
        let mut message = json!({
            "role": dialect.role(Role::User),
            "messageId": id,
            "contextId": context_id,
            "parts": [{ "text": self.text }],
        });
        let mut configuration = json!({ "acceptedOutputModes": ["text/plain"] });
        let method = match dialect {
            Dialect::V1_0 => "SendMessage",
            Dialect::V0_3 => {
                message["kind"] = json!("message");
                message["parts"][0]["kind"] = json!("text");
                configuration["blocking"] = json!(true);
                "message/send"
            }
        };
        if let Some(metadata) = &self.metadata {
            message["metadata"] = metadata.clone();
        }
        let params = json!({ "message": message, "configuration": configuration });
        json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
    }
}
