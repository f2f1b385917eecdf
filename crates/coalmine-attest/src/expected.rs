//! What a statement must say to be accepted.

use std::time::Duration;

use jiff::Timestamp;

use crate::{PublicKey, Sha256};

/// What a statement must say to be accepted.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The image that is about to be used.
    pub image: ExpectedImage,
    /// The key that signed the statement. Without one, signatures are not checked.
    pub key: Option<PublicKey>,
    /// The current time.
    pub now: Timestamp,
    /// How long ago the run may have ended.
    pub max_age: Option<Duration>,
    /// Whether canaries may have been skipped.
    pub allow_skips: bool,
    /// Whether the result may be weakened in any way.
    pub allow_warnings: bool,
    /// The digests that the configuration must hold, by the names of its entries.
    pub digests: Vec<(&'static str, Sha256)>,
}

/// An image, by all the digests under which it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedImage {
    /// The digests of its manifests. An image that was pushed to several registries may have several.
    pub manifests: Vec<Sha256>,
    /// Its id in the engine.
    pub id: Option<Sha256>,
}
