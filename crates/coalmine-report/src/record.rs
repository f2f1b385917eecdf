//! The state of a run, collected from its events. The summary, JUnit and the terminal all read it.

use coalmine::event::{
    CanaryReport, Cause, Counts, Diagnosis, Envelope, Event, Finding, PlannedCanary, RunEnded, RunStarted,
    Severity, TargetInfo, TargetReady, Verdict, causes, verdict_with_baseline,
};

use crate::{StreamError, SummaryBaseline};

/// Everything known of a run so far.
#[derive(Debug, Clone, Default)]
pub struct Record {
    next: u64,
    /// Milliseconds from the start of the run to the last event.
    pub at_ms: u64,
    /// The first event.
    pub started: Option<RunStarted>,
    /// The event with which the runtime became ready.
    pub ready: Option<TargetReady>,
    /// The canaries that ended, in the order in which they ended.
    pub ended: Vec<CanaryReport>,
    /// The findings, in the order in which they were reported.
    pub findings: Vec<Finding>,
    /// The last event, if the run came to its end.
    pub end: Option<RunEnded>,
}

impl Record {
    /// Takes the next event.
    ///
    /// # Errors
    /// Fails if the event cannot follow those before it. The record is unusable after that.
    pub fn push(&mut self, envelope: &Envelope) -> Result<(), StreamError> {
        let Envelope { seq, at_ms, event } = envelope;
        let seq = *seq;
        match event {
            Event::RunStarted(_) if self.started.is_some() => return Err(StreamError::StartedTwice { seq }),
            Event::RunStarted(_) => {}
            _ if self.started.is_none() => return Err(StreamError::NotStarted),
            _ if self.end.is_some() => return Err(StreamError::AfterEnd { seq }),
            _ => {}
        }
        if seq != self.next {
            return Err(StreamError::Gap { expected: self.next, found: seq });
        }
        self.next += 1;
        self.at_ms = *at_ms;
        self.take(seq, event)
    }

    fn take(&mut self, seq: u64, event: &Event) -> Result<(), StreamError> {
        match event {
            Event::RunStarted(started) => {
                let mut ids: Vec<_> = started.canaries.iter().map(|planned| &planned.id).collect();
                ids.sort_unstable();
                if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
                    return Err(StreamError::PlannedTwice { id: pair[0].clone() });
                }
                self.started = Some(started.clone());
            }
            Event::Progress(_) => {}
            Event::TargetReady(ready) => self.ready = Some(ready.clone()),
            Event::CanaryStarted { id } => self.expect(seq, id)?,
            Event::CanaryEnded(report) => {
                self.expect(seq, &report.id)?;
                self.ended.push(report.clone());
            }
            Event::Finding(finding) => self.findings.push(finding.clone()),
            Event::RunEnded(end) => {
                self.end = Some(end.clone());
                self.check_end(seq, end)?;
            }
        }
        Ok(())
    }

    /// Checks that a canary may start or end now.
    fn expect(&self, seq: u64, id: &str) -> Result<(), StreamError> {
        if self.ended.iter().any(|report| report.id == id) {
            return Err(StreamError::EndedTwice { seq, id: id.to_owned() });
        }
        if self.planned().iter().all(|planned| planned.id != id) {
            return Err(StreamError::Unplanned { seq, id: id.to_owned() });
        }
        Ok(())
    }

    /// Checks that the last event agrees with the canaries. A wrong last line never turns a run green.
    fn check_end(&self, seq: u64, end: &RunEnded) -> Result<(), StreamError> {
        let counts = self.counts();
        let without_missing = count(&self.ended);
        if end.counts != counts && end.counts != without_missing {
            return Err(StreamError::Counts { seq });
        }
        let judged = if self.failing_findings() > 0 { Verdict::Fail } else { self.judged() };
        match (judged, end.verdict) {
            (judged, stated) if judged == stated => Ok(()),
            (Verdict::Pass | Verdict::Xfail, Verdict::Error) => Ok(()),
            (Verdict::Error, Verdict::Pass | Verdict::Xfail) if end.interrupted => Ok(()),
            _ => Err(StreamError::Verdict { seq }),
        }
    }

    /// Returns whether a skipped canary makes the run fail.
    pub fn strict(&self) -> bool {
        self.started.as_ref().is_some_and(|started| started.run.strict)
    }

    /// Returns the plan, in its order.
    pub fn planned(&self) -> &[PlannedCanary] {
        self.started.as_ref().map_or(&[], |started| &started.canaries)
    }

    /// Returns all planned canaries, in the order of the plan. Those that never ended have the verdict
    /// `error` and say so.
    pub fn canaries(&self) -> Vec<CanaryReport> {
        let ended = |id: &str| self.ended.iter().find(|report| report.id == id);
        let all = self.planned().iter();
        all.map(|planned| ended(&planned.id).cloned().unwrap_or_else(|| self.never_ended(planned))).collect()
    }

    /// Returns the planned canaries that have not ended, as reports with the verdict `error`.
    pub fn missing(&self) -> Vec<CanaryReport> {
        let open = |planned: &&PlannedCanary| self.ended.iter().all(|report| report.id != planned.id);
        self.planned().iter().filter(open).map(|planned| self.never_ended(planned)).collect()
    }

    fn never_ended(&self, planned: &PlannedCanary) -> CanaryReport {
        let reason = match &self.end {
            None => "the events stop before this canary ended: the run was killed",
            Some(end) if end.interrupted => "the run was interrupted before this canary ended",
            Some(_) => "the run ended before this canary did",
        };
        CanaryReport {
            id: planned.id.clone(),
            number: planned.number,
            title: planned.title.clone(),
            level: planned.level,
            verdict: Verdict::Error,
            duration_ms: 0,
            checks: Vec::new(),
            diagnosis: self.end.as_ref().and_then(|end| end.diagnosis.clone()),
            reason: Some(reason.to_owned()),
            hint_toml: None,
            session_key: None,
            rounds: None,
            baseline: None,
            turns: Vec::new(),
        }
    }

    /// Returns how all planned canaries ended. Those that never did count as errors.
    pub fn counts(&self) -> Counts {
        count(&self.canaries())
    }

    /// Returns what the canaries that failed or could not be judged have in common, in the order of the layers.
    pub fn causes(&self) -> Vec<Cause> {
        causes(&self.canaries())
    }

    /// Returns why the run as a whole could not be judged, else the diagnosis of the first cause.
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        let whole = self.end.as_ref().and_then(|end| end.diagnosis.clone());
        whole.or_else(|| {
            let shown = self.causes().into_iter().next()?.shown;
            self.canaries().into_iter().find(|canary| canary.id == shown)?.diagnosis
        })
    }

    /// Returns the verdict of the run. It is `pass` only if the run came to its end and both its last event
    /// and its canaries say so. A proven failure outranks everything.
    pub fn verdict(&self) -> Verdict {
        match (self.judged(), &self.end) {
            (_, _) if self.failing_findings() > 0 => Verdict::Fail,
            (Verdict::Xfail, Some(end)) if end.verdict == Verdict::Pass => Verdict::Xfail,
            (Verdict::Pass | Verdict::Xfail, Some(end)) => end.verdict,
            (Verdict::Pass | Verdict::Xfail, None) => Verdict::Error,
            (judged, _) => judged,
        }
    }

    /// Returns whether the run is a part that has no canary, because there are more parts than canaries.
    pub fn is_empty_shard(&self) -> bool {
        self.planned().is_empty() && self.started.as_ref().is_some_and(|started| started.run.shard.is_some())
    }

    /// Returns what the run has to do with its baseline, if it has one.
    pub fn baseline(&self) -> Option<SummaryBaseline> {
        let used = self.started.as_ref()?.baseline.clone()?;
        Some(SummaryBaseline::new(used, &self.ended))
    }

    /// Returns the verdict that follows from the canaries.
    fn judged(&self) -> Verdict {
        if self.is_empty_shard() {
            return Verdict::Pass;
        }
        let against = self.ended.iter().filter_map(|canary| canary.baseline);
        verdict_with_baseline(self.counts().verdict(self.strict()), against)
    }

    /// Returns the number of findings that fail the run.
    pub fn failing_findings(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Fail).count()
    }

    /// Returns the target as far as it is known by now.
    pub fn target(&self) -> Option<TargetInfo> {
        if let Some(end) = &self.end {
            return Some(end.target.clone());
        }
        let mut target = self.started.as_ref()?.target.clone();
        if let Some(ready) = &self.ready {
            target.dialect = Some(ready.dialect.clone());
            target.image_digest = ready.image_digest.clone().or(target.image_digest);
        }
        Some(target)
    }
}

fn count(canaries: &[CanaryReport]) -> Counts {
    let mut counts = Counts::default();
    canaries.iter().for_each(|canary| counts.add(canary.verdict));
    counts
}
