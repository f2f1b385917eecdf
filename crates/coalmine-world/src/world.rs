//! One run's surroundings.

use std::{io::Write, sync::Arc};

use bytes::Bytes;

use crate::{Call, Journal, JournalError, Mark, Memory, Upload, brain::Brain, control::ControlPlane};

/// What a world starts with.
pub struct WorldConfig {
    /// Issued to the runtime when it registers.
    pub token: String,
    /// Answers as the model.
    pub brain: Brain,
    /// Takes the journal, as NDJSON.
    pub journal: Box<dyn Write + Send>,
}

/// Provider, control plane and journal of one run.
#[derive(Debug)]
pub struct World {
    pub(crate) brain: Brain,
    pub(crate) control: ControlPlane,
    pub(crate) journal: Journal,
}

impl World {
    /// A world that nobody can reach yet; see [`crate::serve`].
    pub fn new(config: WorldConfig) -> Arc<Self> {
        Arc::new(Self {
            brain: config.brain,
            control: ControlPlane::new(config.token),
            journal: Journal::new(config.journal),
        })
    }

    /// What a tool of this name is for, by the roles in force.
    pub fn role_of(&self, tool: &str) -> Option<&str> {
        self.brain.role_of(tool)
    }

    /// The place in the journal after the newest call.
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// The calls since a mark.
    pub fn since(&self, mark: Mark) -> Vec<Arc<Call>> {
        self.journal.since(mark)
    }

    /// The memories that the runtime committed to the control plane.
    pub fn memories(&self) -> Vec<Memory> {
        self.control.memories()
    }

    /// Hands a file to the platform, as a user's client does before it sends the link.
    pub fn upload(&self, workspace: &str, name: &str, bytes: Bytes) -> Option<Upload> {
        self.control.keep_upload(workspace, name, bytes)
    }

    /// Completes the journal.
    ///
    /// # Errors
    /// The journal could not be written, whenever that happened.
    pub async fn close(&self) -> Result<(), JournalError> {
        self.journal.close().await
    }
}
