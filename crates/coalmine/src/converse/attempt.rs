//! One message, ready to be sent to one endpoint or another.

use coalmine_a2a::{Client, Endpoint, Flow, Outgoing};

use super::{Reply, mid_turn};
use crate::plan::During;

/// What is sent, and what happens while the answer is on its way.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) message: &'a Outgoing,
    pub(super) stream: bool,
    pub(super) during: Option<During>,
    /// Returns whether the model was called, which is when something happens.
    pub(super) model_called: &'a (dyn Fn() -> bool + Sync),
}

impl Attempt<'_> {
    /// Sends the message. A turn in which the client acts is streamed.
    pub(super) async fn send_to(&self, endpoint: &Endpoint) -> Reply {
        match self.during {
            // the runtime is killed from outside; the client only waits for an answer
            None | Some(During::Kill) => {
                if self.stream {
                    self.client.stream(endpoint, self.message, |_| Flow::GoOn).await.into()
                } else {
                    self.client.send(endpoint, self.message).await.into()
                }
            }
            Some(action) => {
                mid_turn::stream(self.client, endpoint, self.message, action, self.model_called).await
            }
        }
    }
}
