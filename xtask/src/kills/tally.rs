//! The figures of a series.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Seen,
    draw::{Ending, Kill},
    ending::End,
    place::Way,
};
use crate::printer::Printer;

/// What was counted of the runs of one way and one signal.
#[derive(Debug, Default)]
struct Row {
    runs: usize,
    /// The runs that were over, or not listening yet, when the signal came.
    too_late: usize,
    too_early: usize,
    interrupted: usize,
    slowest: Duration,
    at_once: BTreeMap<&'static str, usize>,
    finally: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: BTreeMap<(String, Ending), Row>,
    problems: Vec<String>,
}

impl Tally {
    pub(super) fn add(&mut self, way: &Way, kill: &Kill, seen: Seen) {
        let row = self.rows.entry((way.to_string(), kill.signal)).or_default();
        row.runs += 1;
        match seen.end {
            End::Over => row.too_late += 1,
            End::Interrupted => row.interrupted += 1,
            End::BySignal(_) if !kill.signal.is_kill() => row.too_early += 1,
            _ => {}
        }
        row.slowest = row.slowest.max(seen.took);
        for (kind, count) in seen.at_once.counts() {
            *row.at_once.entry(kind).or_default() += count;
        }
        for (kind, count) in seen.finally.counts() {
            *row.finally.entry(kind).or_default() += count;
        }
        let problem = seen.problem(kill);
        self.problems.extend(problem.map(|problem| format!("{way}: {kill}: {problem}")));
    }

    /// Returns whether nothing was left in the end and every run ended as it must.
    pub(super) fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn print(&self, printer: &mut Printer) {
        self.lines().iter().for_each(|line| printer.result(line));
    }

    fn lines(&self) -> Vec<String> {
        let heading = format!(
            "{:<9} {:<8} {:>5} {:>5} {:>9} {:>9} {:>8}  {:<44} left in the end",
            "way", "signal", "runs", "130", "too early", "too late", "slowest", "left at once"
        );
        let rows = self.rows.iter().map(|((way, signal), row)| {
            let Row { runs, interrupted, too_early, too_late, slowest, at_once, finally } = row;
            let (slowest, at_once) = (format!("{:.2} s", slowest.as_secs_f64()), listed(at_once));
            let finally = listed(finally);
            format!("{way:<9} {signal:<8} {runs:>5} {interrupted:>5} {too_early:>9} {too_late:>9} {slowest:>8}  {at_once:<44} {finally}")
        });
        let problems = self.problems.iter().map(|problem| format!("problem: {problem}"));
        std::iter::once(heading).chain(rows).chain(problems).collect()
    }
}

fn listed(counts: &BTreeMap<&'static str, usize>) -> String {
    let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if counts.is_empty() { "0".to_owned() } else { counts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{draw::After, left::Left},
        *,
    };

    fn kill(signal: Ending) -> Kill {
        Kill { way: 0, signal, moment: Duration::from_secs(1), after: After::Clean }
    }

    fn seen(end: End) -> Seen {
        Seen { end, took: Duration::from_millis(1500), at_once: Left::default(), finally: Left::default() }
    }

    #[test]
    fn runs_are_counted_by_way_and_signal() {
        let mut tally = Tally::default();
        tally.add(&Way::Embedded, &kill(Ending::Kill), seen(End::BySignal(9)));
        tally.add(&Way::Embedded, &kill(Ending::Int), seen(End::BySignal(2)));
        tally.add(&Way::Embedded, &kill(Ending::Int), seen(End::Interrupted));
        tally.add(&Way::Embedded, &kill(Ending::Int), seen(End::Over));
        assert!(tally.is_good());
        let lines = tally.lines();
        let words = |line: usize| lines[line].split_whitespace().collect::<Vec<_>>();
        assert_eq!(words(1), ["embedded", "SIGKILL", "1", "0", "0", "0", "1.50", "s", "0", "0"]);
        assert_eq!(words(2), ["embedded", "SIGINT", "3", "1", "1", "1", "1.50", "s", "0", "0"]);
    }

    #[test]
    fn wrong_end_is_a_problem() {
        let mut tally = Tally::default();
        tally.add(&Way::Command, &kill(Ending::Term), seen(End::Code(2)));
        assert!(!tally.is_good());
        assert_eq!(tally.lines()[2], "problem: --cmd: SIGTERM at 1.000 s: ended with exit code 2");
    }
}
