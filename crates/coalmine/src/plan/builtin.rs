//! The canaries and profiles that are compiled into the binary.

use super::{Canary, LoadedCanary, Profile, SourceError};

/// A file of the repository.
type File = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../", $folder, "/", $name, ".toml")))),*]
    };
}

/// The canaries, in the order in which they run.
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

/// The profiles.
const PROFILES: &[File] = files!("profiles": "generic", "reference", "google-adk");

/// All built-in canaries, in the order in which they run.
///
/// # Errors
/// None, as long as the tests of this module pass.
pub fn canaries() -> Result<Vec<Canary>, SourceError> {
    CANARIES.iter().map(|(name, text)| Canary::checked_before(&path(name), text)).collect()
}

/// The same with their files, for what is looked at among several.
///
/// # Errors
/// As [`canaries`].
pub fn written() -> Result<Vec<LoadedCanary>, SourceError> {
    CANARIES.iter().map(|(name, text)| LoadedCanary::compiled_in(&path(name), text)).collect()
}

fn path(name: &str) -> String {
    format!("canaries/{name}.toml")
}

/// Names of the built-in profiles.
pub fn profile_names() -> impl Iterator<Item = &'static str> + Clone {
    PROFILES.iter().map(|(name, _)| *name)
}

/// The text of a built-in profile.
pub fn profile_text(name: &str) -> Option<&'static str> {
    PROFILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// A built-in profile.
///
/// # Errors
/// None for a name of [`profile_names`], as long as the tests of this module pass.
pub fn profile(name: &str) -> Result<Profile, SourceError> {
    match profile_text(name) {
        Some(text) => Profile::read(name, &format!("profiles/{name}.toml"), text),
        None => {
            let mut error = SourceError::whole(name, "", format!("there is no profile `{name}`"));
            error.help = Some(match super::nearest(name, profile_names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "built in: {}; or give the path of a file",
                    profile_names().collect::<Vec<_>>().join(", ")
                ),
            });
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_can_be_read_and_bears_its_name() {
        for (canary, (name, _)) in canaries().unwrap().iter().zip(CANARIES) {
            assert_eq!(canary.id, *name);
        }
        for name in profile_names() {
            assert_eq!(profile(name).unwrap().name, name);
        }
    }

    #[test]
    fn nothing_is_wrong_with_a_built_in_canary() {
        for (name, text) in CANARIES {
            LoadedCanary::read(&path(name), text).unwrap();
        }
    }

    #[test]
    fn no_file_of_the_folders_is_forgotten() {
        for (folder, known) in [("canaries", CANARIES), ("profiles", PROFILES)] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
            for entry in std::fs::read_dir(path).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(known.iter().any(|(known, _)| format!("{known}.toml") == name), "{folder}/{name}");
            }
        }
    }
}
