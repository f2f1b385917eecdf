//! Checks of a canary that need no run. [`check`] finds what keeps a canary from running; [`vacuity`] finds
//! what keeps a canary that can run from ever failing.

mod shape;
mod braces;
mod expected;
mod model;
mod parallel;
pub(in crate::plan) mod vacuity;
mod patterns;
pub(super) mod texts;

pub(super) use braces::names_in_braces;

use super::Canary;
use crate::plan::problem::Problem;

/// Checks a canary, and returns the first problem.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    shape::check(canary)?;
    for (at, turn) in canary.turns.iter().enumerate() {
        shape::check_turn(canary, turn, at)?;
        braces::check_turn(canary, turn, at)?;
        expected::check(canary, turn, at)?;
    }
    braces::check_given(canary)?;
    model::check(canary)?;
    parallel::check(canary)
}

#[cfg(test)]
mod tests {
    use crate::plan::Canary;

    const HEAD: &str = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\n[facts]\norder = \"code\"\ndoor = \"code\"\n\
                        [[turn]]\ncontext = \"a\"\nsay = \"My order is {order}.\"\n";

    /// Returns the place, the message and the help of the error about a canary with something added.
    pub(super) fn rejected(added: &str) -> (String, String, String) {
        let error = Canary::read("x.toml", &format!("{HEAD}{added}\n")).unwrap_err();
        (error.text[error.span.clone()].to_owned(), error.message, error.help.unwrap_or_default())
    }

    /// Asserts that a canary with something added is valid.
    pub(super) fn passes(added: &str) {
        let read = Canary::read("x.toml", &format!("{HEAD}{added}\n"));
        assert!(read.is_ok(), "{added}: {}", read.unwrap_err());
    }
}
