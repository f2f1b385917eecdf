//! Two runs beside each other: what broke since, what was mended, and what is judged no longer.
//!
//! In the order of the flow: [`read_summary()`] reads each run; a `standing` is what a run shows of one canary; a [`Change`] is
//! what lies between two of them; [`compare()`] puts them together. A [`ComparisonFormat`] renders the result.

mod read;

mod standing;
mod change;
mod comparison;
mod pairs;

mod format;
mod words;
mod text;
mod markdown;
mod html;

#[cfg(test)]
mod tests;

pub use change::Change;
pub use comparison::{
    COMPARISON_SCHEMA, CanaryChange, CauseChange, ChangeCounts, ComparedCanary, ComparedRun, Comparison,
    FindingChange,
};
pub use format::ComparisonFormat;
pub use pairs::compare;
pub use read::{ReadError, read_summary};
