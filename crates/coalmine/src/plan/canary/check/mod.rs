//! What can be said against a canary without running it. A room for each thing that is looked at; [`sense`] asks, of a
//! canary that can be run, whether it judges anything.

mod parallel;
mod braces;
mod expected;
mod model;
mod patterns;
pub(in crate::plan) mod vacuity;
mod shape;
pub(super) mod texts;

pub(super) use braces::names_in_braces;

use super::Canary;
use crate::plan::problem::Problem;

/// The first thing that is wrong, if anything is.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    shape::check(canary)?;
    for (at, turn) in canary.turns.iter().enumerate() {
        shape::check_turn(canary, turn, at)?;
        braces::check_turn(canary, turn, at)?;
        expected::check(canary, turn, at)?;
    }
    braces::check_around(canary)?;
    model::check(canary)?;
    parallel::check(canary)
}

#[cfg(test)]
mod tests {
    use crate::plan::Canary;

    const HEAD: &str = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\n[facts]\norder = \"code\"\ndoor = \"code\"\n\
                        [[turn]]\ncontext = \"a\"\nsay = \"My order is {order}.\"\n";

    /// What is told of a canary to which something is added: what is pointed at, message, help.
    pub(super) fn told(added: &str) -> (String, String, String) {
        let error = Canary::read("x.toml", &format!("{HEAD}{added}\n")).unwrap_err();
        (error.text[error.span.clone()].to_owned(), error.message, error.help.unwrap_or_default())
    }

    /// That nothing is said against it.
    pub(super) fn passes(added: &str) {
        let read = Canary::read("x.toml", &format!("{HEAD}{added}\n"));
        assert!(read.is_ok(), "{added}: {}", read.unwrap_err());
    }
}
