//! What is printed: a line for each mode, and the most that any of them took.

use std::time::Duration;

use super::{Outcome, departures, subject::Measured};
use crate::{failure::Failure, printer::Printer};

/// The results so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    count: usize,
    wrong: Vec<String>,
    longest: Most<Duration>,
    memory: Most<u64>,
    disk: Most<u64>,
}

/// The highest figure, and whose it is.
#[derive(Debug, Default)]
struct Most<T> {
    figure: T,
    name: String,
}

impl<T: PartialOrd> Most<T> {
    fn add(&mut self, figure: T, name: &str) {
        if figure > self.figure {
            *self = Self { figure, name: name.to_owned() };
        }
    }
}

impl Tally {
    /// Adds an outcome and prints its line.
    pub(super) fn add(&mut self, name: &str, outcome: &Outcome, printer: &mut Printer) {
        let Outcome { measured, wrong } = outcome;
        self.count += 1;
        self.longest.add(measured.took, name);
        self.memory.add(measured.memory, name);
        self.disk.add(measured.disk, name);
        let verdict = if wrong.is_empty() { "ok   " } else { "WRONG" };
        printer.result(format_args!("{verdict} {}", line(name, measured)));
        if !wrong.is_empty() {
            self.wrong.push(name.to_owned());
            for sentence in wrong {
                printer.result(format_args!("      {sentence}"));
            }
        }
    }

    /// Adds a mode that could not be tried.
    pub(super) fn fail(&mut self, name: &str) {
        self.count += 1;
        self.wrong.push(name.to_owned());
    }

    /// Prints the figures of all; fails if any mode is wrong.
    pub(super) fn finish(self, printer: &mut Printer) -> Result<(), Failure> {
        let Self { count, wrong, longest, memory, disk } = self;
        printer.result(format_args!("{count} attacks, {} wrong", wrong.len()));
        printer.result(format_args!("longest: {:.1} s ({})", longest.figure.as_secs_f64(), longest.name));
        printer.result(format_args!("most memory: {} MiB ({})", memory.figure >> 20, memory.name));
        printer.result(format_args!("most disk: {} MiB ({})", disk.figure >> 20, disk.name));
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("{} of {count} attacks ended wrongly", wrong.len()))
            .because(wrong.join(", "))
            .hint("look at the evidence in target/attack/<mode>"))
    }
}

/// Returns the line of a mode: its exit code, the codes of what is red, and what it took.
fn line(name: &str, measured: &Measured) -> String {
    let code = measured.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let mut codes: Vec<&str> =
        measured.summary.iter().flat_map(departures::red).map(|(_, code)| code).collect();
    codes.sort_unstable();
    codes.dedup();
    format!(
        "{name:<36} exit {code:>4} {:>6.1} s {:>4} MiB {:>8} KiB  {}",
        measured.took.as_secs_f64(),
        measured.memory >> 20,
        measured.disk >> 10,
        codes.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_wrong_mode_fails() {
        let outcome = |wrong: Vec<String>| Outcome {
            measured: Measured { code: Some(1), ..Measured::default() },
            wrong,
        };
        let mut tally = Tally::default();
        tally.add("a", &outcome(vec![]), &mut Printer);
        assert!(tally.finish(&mut Printer).is_ok());
        let mut tally = Tally::default();
        tally.add("a", &outcome(vec!["no".to_owned()]), &mut Printer);
        tally.fail("b");
        let failure = tally.finish(&mut Printer).unwrap_err();
        assert_eq!(
            (failure.what.as_str(), failure.cause.as_deref()),
            ("2 of 2 attacks ended wrongly", Some("a, b"))
        );
    }
}
