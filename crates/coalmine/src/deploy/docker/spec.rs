//! Which container to start.

/// Which container to start.
#[derive(Debug, Clone)]
pub struct DockerSpec {
    /// The image.
    pub image: String,
    /// Whether the image may be fetched.
    pub pull: PullPolicy,
    /// Whether the container is to stay after the run.
    pub keep: bool,
    /// Whether its network has a way out, for a runtime that asks a model of its own.
    pub open: bool,
}

/// Whether an image may be fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PullPolicy {
    /// Fetch it if it is not here.
    #[default]
    Missing,
    /// Never fetch it.
    Never,
    /// Fetch it even if it is here.
    Always,
}
