//! The kinds of refusal that A2A knows, whatever binding they arrive in.

/// The kind of an error with which a server answers a request.
///
/// A binding maps its own codes to these kinds, so that callers never compare numbers of one binding. The
/// names are those of the specification (0.3 §8, 1.0 §3.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The server cannot parse the request.
    Unparsable,
    /// The request is not one of this binding.
    InvalidRequest,
    /// The server does not know the method or the resource type.
    MethodNotFound,
    /// The parameters, which include the message, are not acceptable.
    InvalidParams,
    /// The task does not exist, or no longer.
    NotFound,
    /// The task cannot be canceled in its state.
    NotCancelable,
    /// The server does not support the operation, or not on this task.
    Unsupported,
    /// The server sends no push notifications.
    PushNotificationNotSupported,
    /// The server does not take a content type of the message.
    ContentTypeNotSupported,
    /// The agent behind the server gave an invalid response.
    InvalidAgentResponse,
    /// The server has no extended agent card.
    ExtendedCardNotConfigured,
    /// The server requires an extension that the client did not activate.
    ExtensionRequired,
    /// The server does not speak the version of the protocol.
    VersionNotSupported,
    /// An error that the server defines for requests that it declines (`-32000` in JSON-RPC).
    ServerDefined,
    /// The server failed while it handled the request.
    Internal,
    /// Anything else.
    Other,
}

impl Refusal {
    /// Returns whether the specification names this refusal of a request: the server works, and declines.
    ///
    /// All others are errors of the server's own making.
    pub fn is_specified(self) -> bool {
        !matches!(self, Self::ServerDefined | Self::Internal | Self::Other)
    }

    /// Returns whether the server declines the operation itself, whatever message or task it is about.
    pub fn declines_operation(self) -> bool {
        matches!(self, Self::MethodNotFound | Self::Unsupported | Self::NotCancelable)
    }

    /// Returns whether the server rejects what a request states (its ids, its parts). Nothing was executed
    /// then.
    ///
    /// [`Internal`](Self::Internal) does not say so, and neither does a method that is unknown.
    pub fn rejects_content(self) -> bool {
        !matches!(self, Self::Unparsable | Self::MethodNotFound | Self::Internal | Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Refusal; 16] = [
        Refusal::Unparsable,
        Refusal::InvalidRequest,
        Refusal::MethodNotFound,
        Refusal::InvalidParams,
        Refusal::NotFound,
        Refusal::NotCancelable,
        Refusal::Unsupported,
        Refusal::PushNotificationNotSupported,
        Refusal::ContentTypeNotSupported,
        Refusal::InvalidAgentResponse,
        Refusal::ExtendedCardNotConfigured,
        Refusal::ExtensionRequired,
        Refusal::VersionNotSupported,
        Refusal::ServerDefined,
        Refusal::Internal,
        Refusal::Other,
    ];

    fn those(holds: fn(Refusal) -> bool) -> Vec<Refusal> {
        ALL.into_iter().filter(|refusal| holds(*refusal)).collect()
    }

    #[test]
    fn a_failed_server_refuses_nothing() {
        use Refusal::{Internal, MethodNotFound, Other, ServerDefined, Unparsable};
        assert_eq!(those(|refusal| !refusal.is_specified()), [ServerDefined, Internal, Other]);
        assert_eq!(
            those(|refusal| !refusal.rejects_content()),
            [Unparsable, MethodNotFound, Internal, Other]
        );
    }

    #[test]
    fn three_refusals_decline_the_operation() {
        use Refusal::{MethodNotFound, NotCancelable, Unsupported};
        assert_eq!(those(Refusal::declines_operation), [MethodNotFound, NotCancelable, Unsupported]);
    }
}
