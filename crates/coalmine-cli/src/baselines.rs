//! The file of `--baseline`.

use camino::Utf8Path;
use coalmine::baseline::Baseline;

use crate::{failure::Failure, files};

/// Reads a baseline.
pub(crate) fn read(file: &Utf8Path) -> Result<Baseline, Failure> {
    let hint = "write one with `coalmine baseline DIR -o FILE`";
    let bytes = files::bounded(file).map_err(|error| {
        Failure::new(format!("could not read the baseline `{file}`")).because(error).hint(hint)
    })?;
    Baseline::parse(&bytes)
        .map_err(|error| Failure::new(format!("`{file}` is not a baseline")).because(error).hint(hint))
}
