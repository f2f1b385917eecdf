//! What can be asked of an interface, and the JSON-RPC request that a dialect makes of it.

use serde_json::json;

use crate::{Dialect, Outgoing, v0_3, v1_0};

/// One request, before it has a dialect. Tasks are named by their ids.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// An answer to a message, in one piece.
    Send(&'a Outgoing),
    /// An answer to a message, as a stream of events.
    Stream(&'a Outgoing),
    /// A task as it is now.
    Task(&'a str),
    /// The end of a task.
    Cancel(&'a str),
    /// The events of a task from now on.
    Resubscribe(&'a str),
}

impl Ask<'_> {
    /// The JSON-RPC method.
    pub(crate) fn method(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::Send(_), Dialect::V0_3) => "message/send",
            (Self::Send(_), Dialect::V1_0) => "SendMessage",
            (Self::Stream(_), Dialect::V0_3) => "message/stream",
            (Self::Stream(_), Dialect::V1_0) => "SendStreamingMessage",
            (Self::Task(_), Dialect::V0_3) => "tasks/get",
            (Self::Task(_), Dialect::V1_0) => "GetTask",
            (Self::Cancel(_), Dialect::V0_3) => "tasks/cancel",
            (Self::Cancel(_), Dialect::V1_0) => "CancelTask",
            (Self::Resubscribe(_), Dialect::V0_3) => "tasks/resubscribe",
            (Self::Resubscribe(_), Dialect::V1_0) => "SubscribeToTask",
        }
    }

    /// Whether the answer is to be a stream of events.
    pub(crate) fn streams(self) -> bool {
        matches!(self, Self::Stream(_) | Self::Resubscribe(_))
    }

    /// Whether 1.0 wraps the result in the name of what it is. A task that is read or canceled is bare (§9.4.3).
    pub(crate) fn is_wrapped(self) -> bool {
        !matches!(self, Self::Task(_) | Self::Cancel(_))
    }

    /// The request's body, compact.
    pub(crate) fn encode(self, dialect: Dialect, id: &str, tenant: Option<&str>) -> Vec<u8> {
        let params = match dialect {
            Dialect::V0_3 => v0_3::params(self),
            Dialect::V1_0 => v1_0::params(self, tenant),
        };
        json!({ "jsonrpc": "2.0", "id": id, "method": self.method(dialect), "params": params })
            .to_string()
            .into_bytes()
    }
}
