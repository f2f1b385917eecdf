//! The parts of a run that was spread over several machines, made one run again.
//!
//! In the order of the flow: each [`Part`] is read from its folder; `check` finds what is missing, doubled or of another run;
//! `evidence` copies the files of each part; `events` writes one stream of them, from which all reports are made. So a
//! merged folder is like that of any other run.

mod part;
mod problem;
mod check;
mod evidence;
mod events;

#[cfg(test)]
mod tests;

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::event::Envelope;
pub use part::Part;
pub use problem::MergeProblem;

/// Returns the parts in the order of their numbers, if they are all parts of one run.
///
/// # Errors
/// Fails if a folder cannot be read, or if the parts do not make one run. Nothing is written then.
pub fn read_parts(folders: &[Utf8PathBuf]) -> Result<Vec<Part>, MergeProblem> {
    let mut parts = folders.iter().map(|folder| Part::read(folder)).collect::<Result<Vec<_>, _>>()?;
    check::check(&parts)?;
    parts.sort_by_key(|part| part.shard.number);
    Ok(parts)
}

/// Copies the evidence of all parts into `out`, and returns the events of the whole run. `id` is its id, and `shown` its folder
/// as the reader would type it.
///
/// # Errors
/// Fails if a file cannot be copied.
pub fn merge(
    mut parts: Vec<Part>,
    out: &Utf8Path,
    id: &str,
    shown: &str,
) -> Result<Vec<Envelope>, MergeProblem> {
    evidence::take_over(&mut parts, out)?;
    Ok(events::events(&parts, id, shown))
}
