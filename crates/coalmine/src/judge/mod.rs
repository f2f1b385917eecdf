//! From expectations and observations to a verdict and a diagnosis: pure functions, nothing is asked again here.
//!
//! Add a check: its expectation in [`crate::plan::Expect`], its line in `checks`, and, where it can break in a way of its
//! own, a code in [`codes`] with its page in `docs/explain/`.

mod aftermath;
mod answer;
mod around;
mod blind;
mod path;
mod checks;
mod diagnose;
mod kept;
mod key;
mod leak;
mod lost;
mod markers;
mod memory;
mod named;
mod promise;
pub mod rounds;
mod wire;
#[cfg(test)]
mod tests;

pub use checks::{Judged, judge};
pub use diagnose::Known;
