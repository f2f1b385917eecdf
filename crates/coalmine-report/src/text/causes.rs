//! What could not be judged, with each cause reported once however many canaries it stopped.

use coalmine::event::{CanaryReport, Diagnosis, RunInfo, Verdict};

use super::{Block, Command, Title, canary, diagnosis};
use crate::Record;

/// Something that could not be judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    /// The canary, if the problem stopped only this one.
    pub(crate) title: Option<Title>,
    pub(crate) blocks: Vec<Block>,
}

/// Returns what stopped the judgment: the problem of the run as a whole first, then those of the canaries.
pub(crate) fn problems(record: &Record) -> Vec<Problem> {
    let Some(started) = &record.started else { return Vec::new() };
    let whole = record.end.as_ref().and_then(|end| end.diagnosis.clone());
    let mut groups: Vec<_> = whole.map(Group::of_run).into_iter().collect();
    let mut stopped = 0;
    for canary in record.canaries().into_iter().filter(|canary| canary.verdict == Verdict::Error) {
        let Some(diagnosis) = canary.diagnosis.clone() else { continue };
        stopped += 1;
        match groups.iter_mut().find(|group| group.covers(&diagnosis)) {
            Some(group) => group.canaries.push(canary),
            None => groups.push(Group { diagnosis, of_run: false, canaries: vec![canary] }),
        }
    }
    groups.iter().map(|group| group.problem(&started.run, stopped)).collect()
}

/// Canaries that were stopped for the same reason.
struct Group {
    diagnosis: Diagnosis,
    /// Whether the run itself has this diagnosis, and not only its canaries.
    of_run: bool,
    canaries: Vec<CanaryReport>,
}

impl Group {
    fn of_run(diagnosis: Diagnosis) -> Self {
        Self { diagnosis, of_run: true, canaries: Vec::new() }
    }

    fn covers(&self, diagnosis: &Diagnosis) -> bool {
        self.diagnosis.code == diagnosis.code
            && (self.of_run || self.diagnosis.sentence == diagnosis.sentence)
    }

    /// Returns what to say about the group. Its canaries are listed unless they are all that were stopped.
    fn problem(&self, run: &RunInfo, stopped: usize) -> Problem {
        if let ([canary], false) = (&self.canaries[..], self.of_run) {
            return Problem { title: Some(canary::title(canary)), blocks: canary::details(run, canary) };
        }
        let mut ids: Vec<_> = self.canaries.iter().map(|canary| canary.id.as_str()).collect();
        if ids.len() == stopped {
            ids.clear();
        }
        let mut blocks = diagnosis::not_judged(&self.diagnosis, None, &ids);
        blocks.push(Block::Again(Command::run_again(run, None)));
        Problem { title: None, blocks }
    }
}
