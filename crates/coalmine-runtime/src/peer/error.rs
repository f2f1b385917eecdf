//! Why a peer gave no answer. The text of each is what the model reads.

#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    #[error("there is no platform to find peers at: `PLATFORM_URL` is not set")]
    NoPlatform,
    #[error("the platform does not say where the peer `{agent}` is: {problem}; it knows: {known}")]
    Unknown { agent: String, problem: String, known: String },
    #[error("the peer's card could not be fetched: {0}")]
    NoCard(String),
    #[error("the peer could not be asked: {0}")]
    Unreachable(String),
    #[error("the peer refused the message: {0}")]
    Refused(String),
    #[error("the peer's answer cannot be used: {0}")]
    NoAnswer(String),
    #[error("the conversation with the peer could not be looked up: {0}")]
    Store(#[from] std::io::Error),
}
