//! Why parts cannot be merged.

use std::io;

use camino::Utf8PathBuf;

use crate::RebuildError;

/// The reason why parts cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeProblem {
    /// The events of a part cannot be read.
    #[error(transparent)]
    Unreadable(#[from] RebuildError),
    /// A run that was not spread.
    #[error("`{folder}` is not the folder of a shard: it was run without `--shard`")]
    NoShard {
        /// Its folder.
        folder: Utf8PathBuf,
    },
    /// Two parts of different runs.
    #[error(
        "the shards are not parts of one run: the {what} is `{one}` in `{folder}` and `{other}` in `{other_folder}`"
    )]
    Differ {
        /// What differs.
        what: &'static str,
        /// The value in the first folder.
        one: String,
        /// The first folder.
        folder: Utf8PathBuf,
        /// The value in the other folder.
        other: String,
        /// The other folder.
        other_folder: Utf8PathBuf,
    },
    /// Parts that are missing.
    #[error("{} missing: {}", if .numbers.len() == 1 { "a shard is" } else { "shards are" }, list(.numbers, *.of))]
    Missing {
        /// Their numbers.
        numbers: Vec<u32>,
        /// How many parts there should be.
        of: u32,
    },
    /// The same part twice.
    #[error("shard {number} is there twice: `{folder}` and `{other}`")]
    Doubled {
        /// Its number.
        number: u32,
        /// The first folder.
        folder: Utf8PathBuf,
        /// The other folder.
        other: Utf8PathBuf,
    },
    /// A canary that is in no part, or in several.
    #[error("the canary `{id}` is in {} of the shards: they were not made with the same baseline", if *.count == 0 { "none".to_owned() } else { .count.to_string() })]
    Uneven {
        /// The canary.
        id: String,
        /// In how many parts it is.
        count: usize,
    },
    /// A canary that the list of all canaries does not have.
    #[error("`{folder}` has the canary `{id}`, which is not in its list of all canaries")]
    Unlisted {
        /// The folder.
        folder: Utf8PathBuf,
        /// The canary.
        id: String,
    },
    /// A file of evidence could not be copied.
    #[error("cannot copy `{path}`")]
    Copy {
        /// The file.
        path: Utf8PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

fn list(numbers: &[u32], of: u32) -> String {
    let numbers: Vec<String> = numbers.iter().take(50).map(|number| format!("{number}/{of}")).collect();
    numbers.join(", ")
}
