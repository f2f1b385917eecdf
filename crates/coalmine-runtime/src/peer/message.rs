//! A message to a peer, in the peer's dialect.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{task::Role, wire::Dialect};

/// The content of a message to a peer.
#[derive(Debug)]
pub(crate) struct PeerMessage {
    pub(crate) text: String,
    /// The metadata, which a correct runtime leaves out.
    pub(crate) metadata: Option<Value>,
}

impl PeerMessage {
    /// Returns the whole request.
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
