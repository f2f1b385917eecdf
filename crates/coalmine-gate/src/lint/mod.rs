//! The lint for workflow files: what breaks a gate without anybody noticing.
