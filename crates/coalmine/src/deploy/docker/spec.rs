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

/// When an image is pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum PullPolicy {
    /// If the engine does not have it.
    #[default]
    Missing,
    /// Never. An image that the engine does not have is an error.
    Never,
    /// Before every run.
    Always,
}
