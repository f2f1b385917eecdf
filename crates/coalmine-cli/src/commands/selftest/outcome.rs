//! What became of the reference runtime with a fault, beside what the catalogue says of that fault.

use std::collections::BTreeSet;

use coalmine::event::{Diagnosis, Verdict};
use coalmine_report::Summary;
use coalmine_runtime::fault::FaultInfo;
use serde::Serialize;

/// The name that stands for every canary in the catalogue.
const EVERY: &str = "*";

/// What became of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Outcome {
    /// The id of the fault.
    pub(super) id: &'static str,
    /// Its layer, as declared.
    pub(super) layer: &'static str,
    /// Its code, as declared.
    pub(super) code: &'static str,
    /// The canaries that must fail, as declared; `*` stands for all.
    pub(super) declared: Vec<&'static str>,
    /// The declared canaries that failed.
    pub(super) killed_by: Vec<String>,
    /// The declared canaries that did not fail.
    pub(super) missed: Vec<Undetected>,
    /// The declared canaries that are skipped without a fault as well, so that nothing is known about them.
    pub(super) not_judged: Vec<&'static str>,
    /// The canaries that failed without being declared.
    pub(super) undeclared: Vec<Found>,
    /// The code of the first failure.
    pub(super) found_code: Option<String>,
    /// Failures of another layer than the declared one.
    pub(super) wrong_layer: Vec<Found>,
}

/// A canary that failed, and its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    pub(super) canary: String,
    pub(super) code: String,
}

/// A canary that should have failed, and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Undetected {
    pub(super) canary: String,
    /// `None` if the canary did not run.
    pub(super) verdict: Option<Verdict>,
}

/// What the self-test reads of a canary.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) id: String,
    pub(super) verdict: Verdict,
    pub(super) diagnosis: Option<Diagnosis>,
}

/// Returns what the self-test reads of a run.
pub(super) fn judged(summary: Summary) -> Vec<Judged> {
    let canaries = summary.canaries.into_iter();
    canaries
        .map(|canary| Judged { id: canary.id, verdict: canary.verdict, diagnosis: canary.diagnosis })
        .collect()
}

/// Returns whether a canary with this verdict would have stopped a change.
pub(super) fn is_red(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Error | Verdict::Xpass)
}

impl Judged {
    fn is_red(&self) -> bool {
        is_red(self.verdict)
    }

    fn code(&self) -> String {
        self.diagnosis.as_ref().map_or("(none)".to_owned(), |diagnosis| diagnosis.code.id().to_owned())
    }

    fn found(&self) -> Found {
        Found { canary: self.id.clone(), code: self.code() }
    }
}

impl Outcome {
    /// `skipped` are the canaries that are skipped without a fault.
    pub(super) fn new(info: &FaultInfo, canaries: &[Judged], skipped: &[String]) -> Self {
        let declared: Vec<&str> = info.canaries().collect();
        let is_skipped = |id: &&str| skipped.iter().any(|skipped| skipped == *id);
        let every = declared == [EVERY];
        let red = || canaries.iter().filter(|canary| canary.is_red());
        let is_declared = |canary: &&Judged| every || declared.contains(&canary.id.as_str());
        let missed = if every {
            // a fault of the boot may leave the verdicts from before it
            if red().next().is_some() { vec![] } else { canaries.iter().map(Undetected::of).collect() }
        } else {
            let verdict =
                |id: &str| canaries.iter().find(|canary| canary.id == id).map(|canary| canary.verdict);
            let green = |id: &&str| !red().any(|canary| canary.id == **id);
            let names = declared.iter().copied().filter(|id| green(id) && !is_skipped(id));
            names.map(|id| Undetected { canary: id.to_owned(), verdict: verdict(id) }).collect()
        };
        let is_foreign = |canary: &&Judged| {
            canary.diagnosis.as_ref().is_none_or(|diagnosis| diagnosis.layer.name() != info.layer)
        };
        Self {
            id: info.id,
            layer: info.layer,
            code: info.code,
            killed_by: red().filter(is_declared).map(|canary| canary.id.clone()).collect(),
            missed,
            not_judged: declared.iter().copied().filter(is_skipped).collect(),
            undeclared: red().filter(|canary| !is_declared(canary)).map(Judged::found).collect(),
            found_code: red().next().map(Judged::code),
            wrong_layer: red().filter(is_foreign).map(Judged::found).collect(),
            declared,
        }
    }

    /// Returns whether a declared canary could find the fault here.
    pub(super) fn is_tried(&self) -> bool {
        self.not_judged.len() < self.declared.len()
    }

    /// Returns whether a declared canary failed.
    pub(super) fn is_killed(&self) -> bool {
        !self.killed_by.is_empty()
    }

    pub(super) fn has_right_code(&self) -> bool {
        self.found_code.as_deref() == Some(self.code)
    }

    pub(super) fn has_right_layer(&self) -> bool {
        self.found_code.is_some() && self.wrong_layer.is_empty()
    }

    /// Returns whether everything is as declared.
    pub(super) fn is_right(&self) -> bool {
        if !self.is_tried() {
            return self.undeclared.is_empty();
        }
        self.missed.is_empty()
            && self.undeclared.is_empty()
            && self.has_right_code()
            && self.has_right_layer()
    }

    /// Returns the canaries that a person would run again, to look at what is wrong.
    pub(super) fn suspects(&self) -> BTreeSet<&str> {
        let missed = self.missed.iter().map(|missed| missed.canary.as_str());
        let others = self.undeclared.iter().chain(&self.wrong_layer).map(|found| found.canary.as_str());
        let first = self.killed_by.iter().filter(|_| !self.has_right_code()).map(String::as_str).take(1);
        missed.chain(others).chain(first).collect()
    }
}

impl Undetected {
    fn of(canary: &Judged) -> Self {
        Self { canary: canary.id.clone(), verdict: Some(canary.verdict) }
    }
}

/// The sums over all faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    /// The faults that were tried.
    pub(super) faults: usize,
    /// The faults that no canary could find here, because those that could are skipped: they need a container.
    pub(super) untried: usize,
    /// Faults that a declared canary found.
    pub(super) killed: usize,
    /// Faults whose first failure has the declared code.
    pub(super) code_right: usize,
    /// Faults whose failures are all of the declared layer.
    pub(super) layer_right: usize,
    /// Declared canaries that did not fail, over all faults.
    pub(super) missed: usize,
    /// Canaries that failed without being declared, over all faults.
    pub(super) undeclared: usize,
}

/// The smallest share of faults with the declared layer, and with the declared code, in percent.
const MIN_RIGHT: usize = 98;

impl Totals {
    pub(super) fn new(outcomes: &[Outcome]) -> Self {
        let tried = || outcomes.iter().filter(|outcome| outcome.is_tried());
        let count = |holds: fn(&Outcome) -> bool| tried().filter(|outcome| holds(outcome)).count();
        Self {
            faults: tried().count(),
            untried: outcomes.len() - tried().count(),
            killed: count(Outcome::is_killed),
            code_right: count(Outcome::has_right_code),
            layer_right: count(Outcome::has_right_layer),
            missed: outcomes.iter().map(|outcome| outcome.missed.len()).sum(),
            undeclared: outcomes.iter().map(|outcome| outcome.undeclared.len()).sum(),
        }
    }

    /// Returns whether the canaries can be trusted: every fault is found by all canaries that are declared and by no
    /// other, and almost all for the declared reason.
    pub(super) fn are_good(&self) -> bool {
        let enough = |right: usize| right * 100 >= self.faults * MIN_RIGHT;
        self.faults > 0
            && self.killed == self.faults
            && self.missed == 0
            && self.undeclared == 0
            && enough(self.code_right)
            && enough(self.layer_right)
    }
}

#[cfg(test)]
mod tests {
    use coalmine::event::Code;
    use coalmine_runtime::fault::{CATALOGUE, Fault};

    use super::*;

    const INFO: FaultInfo = FaultInfo {
        fault: Fault::SessionGlobal,
        id: "session.global",
        layer: "session",
        about: "a",
        report: "r",
        canaries: &[&["one", "two"]],
        code: "session.shared",
    };

    fn canary(id: &str, verdict: Verdict, code: Option<Code>) -> Judged {
        Judged { id: id.into(), verdict, diagnosis: code.map(|code| Diagnosis::new(code, "s")) }
    }

    fn outcome(canaries: &[(&str, Verdict, Option<Code>)]) -> Outcome {
        let canaries: Vec<_> =
            canaries.iter().map(|(id, verdict, code)| canary(id, *verdict, *code)).collect();
        Outcome::new(&INFO, &canaries, &[])
    }

    const RED: (Verdict, Option<Code>) = (Verdict::Fail, Some(Code::SessionShared));

    #[test]
    fn fault_that_all_declared_canaries_find_is_right() {
        let found = outcome(&[("one", RED.0, RED.1), ("two", RED.0, RED.1), ("three", Verdict::Pass, None)]);
        assert!(found.is_right() && found.is_killed());
        assert!(Totals::new(&[found]).are_good());
    }

    #[test]
    fn green_declared_canary_is_missed() {
        for verdict in [Verdict::Pass, Verdict::Skip] {
            let found = outcome(&[("one", RED.0, RED.1), ("two", verdict, None)]);
            assert_eq!(found.missed, [Undetected { canary: "two".into(), verdict: Some(verdict) }]);
            assert!(found.is_killed() && !Totals::new(&[found]).are_good());
        }
        let absent = outcome(&[("one", RED.0, RED.1)]);
        assert_eq!(absent.missed, [Undetected { canary: "two".into(), verdict: None }]);
        let survivor = outcome(&[("one", Verdict::Pass, None), ("two", Verdict::Pass, None)]);
        assert!(!survivor.is_killed() && !survivor.has_right_code() && !survivor.has_right_layer());
    }

    #[test]
    fn what_is_skipped_without_a_fault_is_not_judged() {
        let judged = [canary("one", RED.0, RED.1), canary("two", Verdict::Skip, None)];
        let found = Outcome::new(&INFO, &judged, &["two".to_owned()]);
        assert!(found.is_right() && found.is_killed());
        assert_eq!(found.not_judged, ["two"]);
        let judged = [canary("one", Verdict::Skip, None), canary("two", Verdict::Skip, None)];
        let untried = Outcome::new(&INFO, &judged, &["one".to_owned(), "two".to_owned()]);
        assert!(!untried.is_tried() && !untried.is_killed());
        let totals = Totals::new(&[untried.clone(), found]);
        assert_eq!((totals.faults, totals.untried, totals.killed), (1, 1, 1));
        assert!(totals.are_good() && !Totals::new(&[untried]).are_good());
    }

    #[test]
    fn red_canary_that_is_not_declared_counts_against_the_fault() {
        let found = outcome(&[("one", RED.0, RED.1), ("two", RED.0, RED.1), ("three", RED.0, RED.1)]);
        assert_eq!(found.undeclared, [Found { canary: "three".into(), code: "session.shared".into() }]);
        assert!(!found.is_right() && !Totals::new(&[found]).are_good());
    }

    #[test]
    fn other_code_and_other_layer_are_told_apart() {
        let found = outcome(&[("one", Verdict::Fail, Some(Code::SessionSplit)), ("two", RED.0, RED.1)]);
        assert!(!found.has_right_code() && found.has_right_layer());
        assert_eq!(found.suspects(), BTreeSet::from(["one"]));
        let found =
            outcome(&[("one", RED.0, RED.1), ("two", Verdict::Fail, Some(Code::PromptHistoryMissing))]);
        assert!(found.has_right_code() && !found.has_right_layer());
        let found = outcome(&[("one", RED.0, RED.1), ("two", Verdict::Error, None)]);
        assert!(!found.has_right_layer(), "a failure without a diagnosis has no layer");
    }

    #[test]
    fn fault_of_all_canaries_may_leave_earlier_verdicts() {
        let boot = FaultInfo { canaries: &[&["*"]], ..INFO };
        let found =
            Outcome::new(&boot, &[canary("one", Verdict::Pass, None), canary("two", RED.0, RED.1)], &[]);
        assert!(found.is_right());
        let green = Outcome::new(&boot, &[canary("one", Verdict::Pass, None)], &[]);
        assert_eq!((green.missed.len(), green.is_killed()), (1, false));
    }

    #[test]
    fn two_in_a_hundred_may_have_another_code() {
        let right = outcome(&[("one", RED.0, RED.1), ("two", RED.0, RED.1)]);
        let other = outcome(&[("one", Verdict::Fail, Some(Code::SessionSplit)), ("two", RED.0, RED.1)]);
        let of = |others: usize| {
            let others = std::iter::repeat_n(other.clone(), others);
            let all: Vec<_> = std::iter::repeat_n(right.clone(), 98).chain(others).collect();
            Totals::new(&all)
        };
        assert!(of(2).are_good() && !of(3).are_good());
        assert!(!Totals::new(&[]).are_good(), "nothing was tried");
    }

    #[test]
    fn catalogue_names_every_canary_or_some() {
        for info in CATALOGUE {
            let names: Vec<_> = info.canaries().collect();
            assert!(names == [EVERY] || !names.contains(&EVERY), "{}", info.id);
        }
    }
}
