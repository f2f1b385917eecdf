//! One message, ready to be sent to one endpoint or another.

use coalmine_a2a::{Client, Endpoint, Flow, Outgoing, WireOutcome};

use super::action::{self, Done, PlannedAction};

/// What is sent, and what is done while the answer is on its way.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) message: &'a Outgoing,
    pub(super) stream: bool,
    pub(super) meant: Option<PlannedAction<'a>>,
}

/// What came of it: the answer, and what came of the action, where it was got to.
pub(super) type Outcome = (WireOutcome, Option<Done>);

impl Attempt<'_> {
    /// Sends it.
    pub(super) async fn at(&self, endpoint: &Endpoint) -> Outcome {
        match (self.meant, self.stream) {
            (Some(meant), _) => action::stream(self.client, endpoint, self.message, meant).await,
            (None, true) => (self.client.stream(endpoint, self.message, |_| Flow::GoOn).await, None),
            (None, false) => (self.client.send(endpoint, self.message).await, None),
        }
    }
}
