//! The run itself: boot, canaries, teardown, whatever happens in between.

use camino::Utf8Path;
use tokio_util::sync::CancellationToken;

use super::{Artifacts, ArtifactsError, Options, boot, canary, parallel::ParallelBatch};
use crate::{
    deploy::{LogTail, SweepScope, sweep},
    event::{
        Code, Counts, Diagnosis, Emitter, Event, PlannedCanary, RunEnded, RunStarted, TargetInfo, Verdict,
    },
};

/// Cancelled when the user wants the run to end.
pub type Interrupt = CancellationToken;

/// Runs everything and returns the last event, which was emitted as well.
///
/// # Errors
/// The run's folder cannot be written; nothing was started then.
pub async fn run(
    options: &Options,
    out: &Utf8Path,
    events: &Emitter,
    interrupt: &Interrupt,
) -> Result<RunEnded, ArtifactsError> {
    let artifacts = Artifacts::create(out, options.redacted())?;
    let log = LogTail::new(artifacts.stream("runtime.log")?);
    let journal = artifacts.stream("journal.ndjson")?;
    let mut info = TargetInfo {
        kind: options.target.kind(),
        subject: options.target.subject().map(str::to_owned),
        image: options.target.image().map(str::to_owned),
        image_digest: None,
        profile: options.profile.name.clone(),
        dialect: None,
    };
    events.emit(Event::RunStarted(RunStarted {
        run: options.run.clone(),
        target: info.clone(),
        out: options.out_shown.clone(),
        canaries: options.scripts.iter().map(planned).collect(),
    }));
    let mut run =
        Run { options, events, artifacts: &artifacts, log: &log, counts: Counts::default(), judged: 0 };
    let mut stage = boot::Stage::new(journal);
    let finished = tokio::select! {
        biased;
        () = interrupt.cancelled() => false,
        () = run.go(&mut stage, &mut info) => true,
    };
    // nothing is left running, however the run ended
    let kept = stage.teardown(options.keep && finished, events).await;
    let verdict = match run.counts.verdict(options.run.strict) {
        // what is proven stays, whatever else did not come to its end
        Verdict::Fail => Verdict::Fail,
        judged if finished && !run.nothing_said() => judged,
        _ => Verdict::Error,
    };
    if verdict == Verdict::Error && run.counts.error == 0 && finished {
        stage.failed.get_or_insert_with(nothing_judged);
    }
    let ended = RunEnded {
        duration_ms: events.elapsed_ms(),
        verdict,
        counts: run.counts,
        interrupted: !finished,
        target: info,
        diagnosis: stage.failed.clone(),
        kept,
    };
    events.emit(Event::RunEnded(ended.clone()));
    Ok(ended)
}

fn planned(script: &crate::plan::Script) -> PlannedCanary {
    PlannedCanary {
        id: script.canary.id.clone(),
        number: script.canary.number,
        title: script.canary.title.clone(),
        level: script.canary.level,
    }
}

/// Skips alone, or looks at the runtime without a word said to it, show nothing of its conversations.
fn nothing_judged() -> Diagnosis {
    let mut diagnosis = Diagnosis::new(
        Code::BootNothingJudged,
        "no conversation was judged: every canary that holds one was skipped",
    );
    diagnosis.hint = Some("the reasons stand beside the canaries; a profile that says what the runtime promises ends most of them".into());
    diagnosis
}

struct Run<'a> {
    options: &'a Options,
    events: &'a Emitter,
    artifacts: &'a Artifacts,
    log: &'a LogTail,
    counts: Counts,
    /// Canaries that hold a conversation and came to a verdict on it.
    judged: u32,
}

impl Run<'_> {
    /// Whether conversations were planned, and none was judged.
    fn nothing_said(&self) -> bool {
        let planned = self.options.scripts.iter().any(|script| script.canary.converses());
        planned && self.judged == 0 && self.counts.error == 0
    }

    async fn go(&mut self, stage: &mut boot::Stage, info: &mut TargetInfo) {
        // before anything new is started, so that names and addresses are free
        let scope = SweepScope { containers: self.options.target.needs_engine(), kept: false };
        let swept = sweep(&self.options.host, scope).await;
        if !swept.is_empty() {
            let what: Vec<String> = [swept.runs, swept.containers, swept.networks, swept.volumes].concat();
            self.events.finding(
                Code::RunSwept,
                format!("removed what killed runs had left: {}", what.join(", ")),
                None,
            );
        }
        let booted = stage.boot(self.options, self.events, self.artifacts, self.log).await;
        info.image_digest = match &stage.target {
            Some(target) => target.read().await.image_digest(),
            None => None,
        };
        let ready = match booted {
            Ok(ready) => ready,
            Err(diagnosis) => {
                let diagnosis = self.with_log(diagnosis);
                stage.failed = Some(diagnosis.clone());
                for script in &self.options.scripts {
                    self.end(canary::could_not_run(script, diagnosis.clone()));
                }
                return;
            }
        };
        let running = stage.running(self.options, self.events, self.artifacts, self.log, ready).await;
        let Some(running) = running else {
            return;
        };
        info.dialect = running.dialect();
        self.events.emit(Event::TargetReady(running.announcement(info.image_digest.clone())));
        // the first conversation goes alone: it tells whether there can be any
        let alone =
            self.options.scripts.iter().position(|script| script.canary.converses()).map_or(0, |at| at + 1);
        let mut batch: Option<ParallelBatch> = None;
        for (at, script) in self.options.scripts.iter().enumerate() {
            if at >= alone && batch.is_none() && running.over().is_none() {
                batch = Some(running.batch(&self.options.scripts[at..], self.options.jobs).await);
            }
            self.events.emit(Event::CanaryStarted { id: script.canary.id.clone() });
            let passed = batch.as_mut().and_then(|batch| batch.passed.remove(&script.canary.id));
            let report = match passed {
                Some(report) => report,
                None => running.rounds(script).await,
            };
            if let Some(batch) = &batch {
                running.tell_apart(batch, &report);
            }
            info.dialect = running.dialect();
            let failed = report.verdict == Verdict::Fail;
            if failed || report.verdict == Verdict::Error {
                running.keep_evidence().await;
            }
            let decided = matches!(report.verdict, Verdict::Pass | Verdict::Fail);
            self.judged += u32::from(decided && script.canary.converses());
            self.end(report);
        }
        let over = running.over();
        stage.failed = over.map(|diagnosis| self.with_log(diagnosis));
    }

    fn end(&mut self, report: crate::event::CanaryReport) {
        self.counts.add(report.verdict);
        self.events.emit(Event::CanaryEnded(report));
    }

    /// The runtime's last lines are the first thing that a person wants to see.
    fn with_log(&self, mut diagnosis: Diagnosis) -> Diagnosis {
        boot::attach_log(&mut diagnosis, self.artifacts, self.log);
        diagnosis
    }
}
