//! The canaries and profiles that are compiled into the binary.

use super::{Canary, LoadedCanary, Profile, SourceError, did_you_mean};

/// The name and the text of a file of the repository.
type File = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../", $folder, "/", $name, ".toml")))),*]
    };
}

/// The built-in canaries, in the order in which they run.
const CANARIES: &[File] = files!("canaries":
    "agent-card",
    "name-recall",
    "file-only",
    "file-caption",
    "memory-recall",
    "same-context-twice",
    "memory-root",
    "three-sessions",
    "long-history",
    "corrected-fact",
    "interleaved",
    "parallel-turns",
    "isolation",
    "non-ascii",
    "file-next-turn",
    "two-files",
    "binary-file",
    "empty-file",
    "file-by-uri",
    "hostile-file-name",
    "context-rules",
    "task-followup",
    "stream-parity",
    "dialect-parity",
    "dialect-files",
    "cancel",
    "resubscribe",
    "stream-hangup",
    "duplicate-delivery",
    "skill-call",
    "peer-call",
    "provider-failure",
    "slow-model",
    "key-derivation",
    "restart-recall",
    "restart-memory",
    "kill-recall",
    "recreate-recall",
    "large-file",
);

/// The built-in profiles.
const PROFILES: &[File] = files!(
    "profiles": "generic",
    "reference",
    "google-adk",
    "adk-api-server",
    "langgraph",
    "langgraph-dev",
    "autogen",
    "smolagents",
    "hermes",
    "claude-code",
);

/// Returns all built-in canaries, in the order in which they run.
///
/// # Errors
/// Never fails as long as the tests of this module pass.
pub fn canaries() -> Result<Vec<Canary>, SourceError> {
    CANARIES.iter().map(|(name, text)| Canary::read_unchecked(&path(name), text)).collect()
}

/// Returns all built-in canaries with their files, in the order in which they run.
///
/// # Errors
/// Never fails as long as the tests of this module pass.
pub fn loaded() -> Result<Vec<LoadedCanary>, SourceError> {
    CANARIES.iter().map(|(name, text)| LoadedCanary::compiled_in(&path(name), text)).collect()
}

fn path(name: &str) -> String {
    format!("canaries/{name}.toml")
}

/// Returns the names of the built-in profiles.
pub fn profile_names() -> impl Iterator<Item = &'static str> + Clone {
    PROFILES.iter().map(|(name, _)| *name)
}

/// Returns the text of a built-in profile.
pub fn profile_text(name: &str) -> Option<&'static str> {
    PROFILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Returns a built-in profile.
///
/// # Errors
/// Fails if no built-in profile has this name.
pub fn profile(name: &str) -> Result<Profile, SourceError> {
    match profile_text(name) {
        Some(text) => Profile::read(name, &format!("profiles/{name}.toml"), text),
        None => Err(SourceError {
            help: Some(did_you_mean(name, profile_names())),
            ..SourceError::whole(name, "", format!("unknown profile `{name}`"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_named_after_its_content() {
        for (canary, (name, _)) in canaries().unwrap().iter().zip(CANARIES) {
            assert_eq!(canary.id, *name);
        }
        for name in profile_names() {
            assert_eq!(profile(name).unwrap().name, name);
        }
    }

    #[test]
    fn built_in_canaries_are_valid() {
        for (name, text) in CANARIES {
            LoadedCanary::read(&path(name), text).unwrap();
        }
    }

    #[test]
    fn all_files_of_the_folders_are_built_in() {
        for (folder, known) in [("canaries", CANARIES), ("profiles", PROFILES)] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
            for entry in std::fs::read_dir(path).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(known.iter().any(|(known, _)| format!("{known}.toml") == name), "{folder}/{name}");
            }
        }
    }
}
