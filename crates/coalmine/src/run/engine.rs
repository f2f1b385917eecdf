//! The run itself: deployment, canaries, teardown, whatever happens in between.

use std::panic::AssertUnwindSafe;

use camino::Utf8Path;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::{
    Crash, Options, RunContext, known_limit,
    parallel::ParallelBatch,
    report::{could_not_run, not_run},
    rounds,
};
use crate::{
    artifacts::{Artifacts, ArtifactsError},
    deploy::{Deployment, LogTail, Outputs, SweepScope, attach_log, sweep},
    event::{
        AgainstBaseline, CanaryReport, Code, Counts, Diagnosis, Emitter, Event, PlannedCanary, RunEnded,
        RunStarted, TargetInfo, Verdict, causes, verdict_with_baseline,
    },
    plan::Script,
};

/// Canceled when the user wants the run to end.
pub type Interrupt = CancellationToken;

/// How the part of a run that judges ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It came to its end.
    Finished,
    /// The user wanted it to end.
    Interrupted,
    /// Coalmine itself failed.
    Crashed,
}

/// Runs everything and returns the last event, which was emitted as well. If coalmine itself fails, by a panic
/// in the run or one that `crash` was told of, the run ends at once and cannot be green.
///
/// # Errors
/// The run's folder cannot be written; nothing was started then.
pub async fn run(
    options: &Options,
    out: &Utf8Path,
    events: &Emitter,
    interrupt: &Interrupt,
    crash: &Crash,
) -> Result<RunEnded, ArtifactsError> {
    let artifacts = Artifacts::create(out, options.redacted())?;
    let log = LogTail::redacted(artifacts.file("runtime.log")?, artifacts.redactor());
    let journal = artifacts.stream("journal.ndjson")?;
    let outputs = Outputs { events, artifacts: &artifacts, log: &log };
    let mut run = Run::new(options, outputs);
    events.emit(Event::RunStarted(RunStarted {
        run: options.run.clone(),
        target: run.target.clone(),
        out: options.out_shown.clone(),
        canaries: options.scripts.iter().map(planned).collect(),
        baseline: options.baseline.as_ref().map(|baseline| baseline.used(&options.all_ids())),
    }));
    let mut deployment = Deployment::new(options.deployment(), outputs, journal);
    let end = tokio::select! {
        biased;
        () = interrupt.cancelled() => End::Interrupted,
        () = crash.happened() => End::Crashed,
        gone = AssertUnwindSafe(run.go(&mut deployment)).catch_unwind() => match gone {
            Ok(()) => End::Finished,
            Err(panic) => {
                crash.note_caught(&*panic);
                End::Crashed
            }
        },
    };
    // nothing is left running, however the run ended
    let teardown = deployment.teardown(options.keep && end == End::Finished);
    let teardown = AssertUnwindSafe(teardown).catch_unwind();
    let (kept, ()) = tokio::join!(teardown, run.sweep_late());
    let kept = kept.unwrap_or_else(|panic| {
        crash.note_caught(&*panic);
        vec![]
    });
    report_lost_evidence(outputs);
    if let Some(diagnosis) = crash.diagnosis(&options.out_shown) {
        run.failed = Some(diagnosis);
    }
    let end = if crash.reason().is_some() && end == End::Finished { End::Crashed } else { end };
    let ended = run.ended(end, kept);
    events.emit(Event::RunEnded(ended.clone()));
    Ok(ended)
}

/// Reports files of evidence that could not be written, or not to their end.
fn report_lost_evidence(outputs: Outputs<'_>) {
    if let Some(lost) = outputs.artifacts.lost().or_else(|| outputs.log.lost()) {
        outputs.events.finding(
            Code::ArtifactIncomplete,
            format!("evidence could not be written: {lost}"),
            None,
        );
    }
}

fn planned(script: &Script) -> PlannedCanary {
    PlannedCanary {
        id: script.canary.id.clone(),
        number: script.canary.number,
        title: script.canary.title.clone(),
        level: script.canary.level,
    }
}

/// A run, as far as it has come.
struct Run<'a> {
    options: &'a Options,
    outputs: Outputs<'a>,
    target: TargetInfo,
    counts: Counts,
    /// The canaries that failed or could not be judged.
    red: Vec<CanaryReport>,
    /// What the baseline says about them.
    against: Vec<AgainstBaseline>,
    /// Canaries that hold a conversation and came to a verdict on it.
    judged: u32,
    /// Why the run as a whole could not judge, if so.
    failed: Option<Diagnosis>,
}

impl<'a> Run<'a> {
    fn new(options: &'a Options, outputs: Outputs<'a>) -> Self {
        let target = TargetInfo {
            kind: options.target.kind(),
            subject: options.target.subject().map(str::to_owned),
            image: options.target.image().map(str::to_owned),
            image_digest: None,
            profile: options.profile.name.clone(),
            dialect: None,
        };
        Self {
            options,
            outputs,
            target,
            counts: Counts::default(),
            red: vec![],
            against: vec![],
            judged: 0,
            failed: None,
        }
    }

    /// Deploys the runtime and runs the canaries.
    async fn go(&mut self, deployment: &mut Deployment<'_>) {
        if self.is_empty_shard() {
            return;
        }
        // before anything new is started, so that names and addresses are free
        self.sweep().await;
        let booted = deployment.boot().await;
        self.target.image_digest = deployment.image_digest().await;
        let ready = match booted {
            Ok(ready) => ready,
            Err(diagnosis) => {
                let diagnosis = self.with_log(diagnosis);
                for script in &self.options.scripts {
                    self.end(could_not_run(script, diagnosis.clone()));
                }
                self.failed = Some(diagnosis);
                return;
            }
        };
        let Some(runtime) = deployment.runtime(ready).await else { return };
        let Outputs { events, artifacts, .. } = self.outputs;
        #[cfg(debug_assertions)]
        super::crash::fail_on_purpose(self.options, events).await;
        let world = deployment.world();
        if let Some(context) = RunContext::new(self.options, events, artifacts, &runtime, world) {
            self.canaries(&context).await;
        }
    }

    /// Runs the canaries: the first conversation alone, then those that can share the runtime, then the
    /// others.
    async fn canaries(&mut self, context: &RunContext<'_>) {
        let (options, events) = (self.options, self.outputs.events);
        self.target.dialect = context.dialect();
        events.emit(Event::TargetReady(context.target_ready(self.target.image_digest.clone())));
        // the first conversation shows whether there can be any
        let first = options.scripts.iter().position(|script| script.canary.converses());
        let alone = first.map_or(0, |at| at + 1);
        let mut batch: Option<ParallelBatch> = None;
        for (at, script) in options.scripts.iter().enumerate() {
            if let (true, Some(first)) = (options.fail_fast, self.red.first()) {
                let reason = format!("not run after `{}`, because of `--fail-fast`", first.id);
                self.end(not_run(script, reason));
                continue;
            }
            if at >= alone && batch.is_none() && context.ended().is_none() {
                batch = Some(ParallelBatch::run(context, &options.scripts[at..], options.jobs).await);
            }
            events.emit(Event::CanaryStarted { id: script.canary.id.clone() });
            let passed = batch.as_mut().and_then(|batch| batch.take_passed(&script.canary.id));
            let mut report = match passed {
                Some(report) => report,
                None => rounds::run(context, script).await,
            };
            if let Some(batch) = &batch {
                batch.report_failure_beside_others(context, &report);
            }
            known_limit::apply(&mut report, &options.profile, options.today);
            self.target.dialect = context.dialect();
            if matches!(report.verdict, Verdict::Fail | Verdict::Error) {
                context.runtime.write_evidence().await;
            }
            // its evidence shows what is still broken
            if let Some(baseline) = &options.baseline {
                baseline.judge(&mut report);
            }
            let decided = !matches!(report.verdict, Verdict::Error | Verdict::Skip);
            self.judged += u32::from(decided && script.canary.converses());
            self.end(report);
        }
        self.failed = context.ended().map(|diagnosis| self.with_log(diagnosis));
    }

    /// Removes what killed runs left behind.
    async fn sweep(&self) {
        let scope = SweepScope { containers: self.options.target.needs_engine(), kept: false };
        let swept = sweep(&self.options.host, scope).await;
        if !swept.is_empty() {
            let names: Vec<String> = [swept.runs, swept.containers, swept.networks, swept.volumes].concat();
            let sentence = format!("removed what killed runs had left: {}", names.join(", "));
            self.outputs.events.finding_each(Code::RunSwept, sentence, None);
        }
    }

    /// Removes what an engine was still creating for a killed run when this one began.
    async fn sweep_late(&self) {
        if self.options.target.needs_engine() {
            self.sweep().await;
        }
    }

    fn end(&mut self, report: CanaryReport) {
        self.counts.add(report.verdict);
        self.against.extend(report.baseline);
        if matches!(report.verdict, Verdict::Fail | Verdict::Error) {
            self.red.push(report.clone());
        }
        self.outputs.events.emit(Event::CanaryEnded(report));
    }

    /// Returns the last event of the run.
    fn ended(self, end: End, kept: Vec<String>) -> RunEnded {
        let finished = end == End::Finished;
        let of_canaries = self.counts.verdict(self.options.run.strict);
        let verdict = match verdict_with_baseline(of_canaries, self.against.iter().copied()) {
            // what is proven stays, whatever else did not come to its end
            Verdict::Fail => Verdict::Fail,
            _ if self.outputs.events.has_failing_finding() => Verdict::Fail,
            _ if finished && self.is_empty_shard() => Verdict::Pass,
            verdict if finished && !self.judged_no_conversation() => verdict,
            _ => Verdict::Error,
        };
        let mut diagnosis = self.failed;
        if verdict == Verdict::Error && self.counts.error == 0 && finished {
            diagnosis.get_or_insert_with(nothing_judged);
        }
        RunEnded {
            duration_ms: self.outputs.events.elapsed_ms(),
            verdict,
            counts: self.counts,
            interrupted: end == End::Interrupted,
            target: self.target,
            diagnosis,
            causes: causes(&self.red),
            kept,
        }
    }

    /// Returns whether this part of a run has nothing to do, because there are more parts than canaries.
    fn is_empty_shard(&self) -> bool {
        self.options.run.shard.is_some() && self.options.scripts.is_empty()
    }

    /// Returns whether conversations were planned, and none was judged.
    fn judged_no_conversation(&self) -> bool {
        let planned = self.options.scripts.iter().any(|script| script.canary.converses());
        planned && self.judged == 0 && self.counts.error == 0
    }

    /// Adds the runtime's last lines to a diagnosis: a person wants to see them first.
    fn with_log(&self, mut diagnosis: Diagnosis) -> Diagnosis {
        attach_log(&mut diagnosis, self.outputs.artifacts, self.outputs.log);
        diagnosis
    }
}

/// Returns the diagnosis of a run that judged no conversation: skips, or probes without a word, show nothing
/// of them.
fn nothing_judged() -> Diagnosis {
    let mut diagnosis = Diagnosis::new(
        Code::BootNothingJudged,
        "no conversation was judged: every canary that holds one was skipped",
    );
    diagnosis.hint = Some(
        "read the reasons beside the canaries; a profile that says what the runtime promises settles most of them"
            .into(),
    );
    diagnosis
}
