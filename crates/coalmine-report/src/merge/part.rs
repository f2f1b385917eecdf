//! One part of a run, read from its folder.

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::event::{CanaryReport, Finding, RunStarted, Shard, TargetInfo, TargetReady, Verdict};

use super::MergeProblem;
use crate::{EVENTS_FILE, RebuildError, Record, StreamError, rebuild::read_events};

/// One part of a run.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its folder.
    pub folder: Utf8PathBuf,
    /// Which part it is.
    pub shard: Shard,
    pub(super) started: RunStarted,
    pub(super) ready: Option<TargetReady>,
    pub(super) target: TargetInfo,
    /// Its canaries, in the order of the plan. Those that never ended say so.
    pub(super) canaries: Vec<CanaryReport>,
    pub(super) findings: Vec<Finding>,
    pub(super) verdict: Verdict,
    pub(super) diagnosis: Option<coalmine::event::Diagnosis>,
    pub(super) kept: Vec<String>,
    pub(super) duration_ms: u64,
    pub(super) is_complete: bool,
}

impl Part {
    /// Reads the events in a folder.
    pub(super) fn read(folder: &Utf8Path) -> Result<Self, MergeProblem> {
        let contradiction = |source| RebuildError::Stream { path: folder.join(EVENTS_FILE), source };
        let mut record = Record::default();
        read_events(folder, |envelope| record.push(&envelope).map_err(contradiction))?;
        Self::of(folder, &record)
            .map_err(|source| source.unwrap_or_else(|| contradiction(StreamError::Empty).into()))
    }

    /// Returns the part whose events were recorded.
    pub(super) fn of(folder: &Utf8Path, record: &Record) -> Result<Self, Option<MergeProblem>> {
        let (started, target) = record.started.clone().zip(record.target()).ok_or(None)?;
        let shard = started.run.shard.clone();
        let shard = shard.ok_or_else(|| MergeProblem::NoShard { folder: folder.to_owned() })?;
        let end = record.end.as_ref();
        Ok(Self {
            folder: folder.to_owned(),
            shard,
            started,
            ready: record.ready.clone(),
            target,
            canaries: record.canaries(),
            findings: record.findings.clone(),
            verdict: record.verdict(),
            diagnosis: end.and_then(|end| end.diagnosis.clone()),
            kept: end.map(|end| end.kept.clone()).unwrap_or_default(),
            duration_ms: end.map_or(record.at_ms, |end| end.duration_ms),
            is_complete: end.is_some_and(|end| !end.interrupted),
        })
    }
}
