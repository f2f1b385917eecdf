//! From expectations and observations to a verdict and a diagnosis. Everything here is a pure function: nothing is asked
//! again.
//!
//! A turn is judged by an ordered list of checks (`check`), in the order of the turn's path. Each check evaluates once to an
//! outcome and knows the cause of its failure. The first decisive failure is the diagnosis (`verdict`).

mod case;
mod check;
mod checks;
mod empty_prompt;
mod loss;
mod mixed;
mod outcome;
mod path;
mod premise;
pub mod rounds;
mod unpromised;
mod verdict;
mod visibility;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use case::Known;
pub use verdict::{Judged, judge};
