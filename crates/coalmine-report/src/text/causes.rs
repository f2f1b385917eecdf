//! Why canaries failed or could not be judged: each cause once, however many canaries share it.

use coalmine::event::{self, CanaryReport, Cause, Diagnosis, Layer, RunInfo, Verdict};

use super::{Block, Command, Excerpt, Title, canary, diagnosis};
use crate::Record;

/// The most characters of the names in one line.
const MAX_NAMES: usize = 60;

/// What a report says about one cause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account {
    /// The canary that is shown, unless the cause is about the runtime as a whole.
    pub(crate) title: Option<Title>,
    pub(crate) blocks: Vec<Block>,
}

/// Returns why canaries failed or could not be judged: first what stopped the run as a whole, then the causes in the order
/// of the layers, with the simplest canary of each in full.
pub(crate) fn causes(record: &Record) -> Vec<Account> {
    let Some(started) = &record.started else { return Vec::new() };
    let canaries = record.canaries();
    let view = View {
        run: &started.run,
        canaries: &canaries,
        whole: record.end.as_ref().and_then(|end| end.diagnosis.as_ref()),
    };
    let causes = event::causes(&canaries);
    let alone = view.whole.filter(|whole| causes.iter().all(|cause| cause.code != whole.code));
    let unexplained =
        canaries.iter().filter(|canary| canary.verdict == Verdict::Fail && canary.diagnosis.is_none());
    alone
        .map(|whole| view.of_runtime(whole, &[]))
        .into_iter()
        .chain(causes.iter().filter_map(|cause| view.of_cause(cause)))
        .chain(unexplained.map(|canary| view.of_canary(canary, &[])))
        .collect()
}

/// What an account is made from.
struct View<'a> {
    run: &'a RunInfo,
    canaries: &'a [CanaryReport],
    /// Why the run as a whole could not be judged.
    whole: Option<&'a Diagnosis>,
}

impl View<'_> {
    fn of_cause(&self, cause: &Cause) -> Option<Account> {
        let shown = self.canaries.iter().find(|canary| canary.id == cause.shown)?;
        let ids: Vec<&str> = cause.canaries.iter().map(String::as_str).collect();
        if let Some(whole) = self.whole.filter(|whole| whole.code == cause.code) {
            return Some(self.of_runtime(whole, &ids));
        }
        if cause.layer == Layer::Boot && ids.len() > 1 {
            return Some(self.of_runtime(shown.diagnosis.as_ref()?, &ids));
        }
        let others: Vec<&str> = ids.into_iter().filter(|id| *id != cause.shown).collect();
        Some(self.of_canary(shown, &others))
    }

    /// Returns the account of what stopped `ids`. They are listed unless they are all that could not be judged.
    fn of_runtime(&self, diagnosis: &Diagnosis, ids: &[&str]) -> Account {
        let stopped = self.canaries.iter().filter(|canary| canary.verdict == Verdict::Error);
        let listed = if ids.len() == stopped.count() { None } else { names(ids) };
        let mut blocks = diagnosis::not_judged(diagnosis, None, listed);
        blocks.push(Block::Again(Command::run_again(self.run, None)));
        Account { title: None, blocks }
    }

    fn of_canary(&self, canary: &CanaryReport, others: &[&str]) -> Account {
        let mut blocks = canary::details(self.run, canary);
        blocks.extend(names(others).map(Block::Also));
        Account { title: Some(canary::title(canary)), blocks }
    }
}

/// Returns the first of the names, with `…` and their number if some are left out.
pub(crate) fn names(ids: &[&str]) -> Option<Excerpt> {
    let mut text = String::new();
    for (position, id) in ids.iter().enumerate() {
        let separator = if position == 0 { "" } else { ", " };
        if position > 0 && text.chars().count() + separator.len() + id.chars().count() > MAX_NAMES {
            text.push_str(&format!(", … ({})", ids.len()));
            break;
        }
        text.push_str(separator);
        text.push_str(id);
    }
    (!text.is_empty()).then(|| Excerpt::new(text, 2 * MAX_NAMES))
}
