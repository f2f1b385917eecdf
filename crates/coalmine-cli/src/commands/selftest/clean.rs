//! `coalmine selftest --clean`: the correct runtime on a busy machine, again and again. Nothing may fail.

use coalmine::event::Verdict;
use coalmine_report::Summary;
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::json;

use super::{Selftest, jobs, outcome::is_red, slowness::Slowness};
use crate::{failure::Failure, progress::Counter, signals::INTERRUPTED};

/// A canary that failed although nothing is wrong with the runtime.
#[derive(Debug, Serialize)]
struct Alarm {
    seed: u64,
    canary: String,
    code: Option<String>,
}

impl Selftest<'_> {
    pub(super) async fn clean(&mut self, runs: u32) -> Result<u8, Failure> {
        let Self { arguments, subject, interrupt, context, printer } = self;
        let total = usize::try_from(runs).unwrap_or(usize::MAX);
        let mut counter = Counter::new("runs of the correct runtime", total, context);
        let (subject, interrupt) = (&*subject, &*interrupt);
        let seeds = (0..u64::from(runs)).map(|number| arguments.seed.wrapping_add(number));
        let tried = seeds.map(|seed| async move {
            let slowness = Slowness::of(seed);
            let arguments = [vec!["--seed".to_owned(), seed.to_string()], slowness.arguments()].concat();
            let load = slowness.load();
            let summary = subject.judge(&format!("clean-{seed}"), &arguments, interrupt).await;
            drop(load);
            summary.map(|summary| summary.map(|summary| (seed, summary)))
        });
        let mut tried = std::pin::pin!(futures_util::stream::iter(tried).buffered(jobs(arguments.jobs)));
        let mut alarms: Vec<Alarm> = vec![];
        while let Some(ended) = tried.next().await {
            let ended: Result<_, Failure> = ended;
            let Some((seed, summary)) = ended? else { return Ok(INTERRUPTED) };
            counter.advance(printer);
            for alarm in alarms_of(seed, &summary) {
                if !arguments.json {
                    let again =
                        [vec![format!("--seed {seed}")], Slowness::of(seed).arguments()].concat().join(" ");
                    counter.print(
                        printer,
                        format_args!(
                            "! {} ({})\n      again: coalmine run {again} --canary {}",
                            alarm.canary,
                            alarm.code.as_deref().unwrap_or("no code"),
                            alarm.canary
                        ),
                    );
                }
                alarms.push(alarm);
            }
        }
        drop(counter);
        if arguments.json {
            let all = json!({ "seed": arguments.seed, "runs": runs, "reds": alarms.len(), "alarms": alarms });
            printer.answer(serde_json::to_string_pretty(&all).unwrap_or_default());
        } else {
            let runs = if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") };
            let failed = match alarms.len() {
                0 => "no canary failed".to_owned(),
                1 => "1 canary failed".to_owned(),
                count => format!("{count} canaries failed"),
            };
            printer.answer(format_args!("{runs} of the correct runtime, {failed}"));
        }
        Ok(u8::from(!alarms.is_empty()))
    }
}

/// Returns what failed in a run. A run that is not green although no canary failed counts as well.
fn alarms_of(seed: u64, summary: &Summary) -> Vec<Alarm> {
    let red = summary.canaries.iter().filter(|canary| is_red(canary.verdict));
    let mut alarms: Vec<Alarm> = red
        .map(|canary| {
            let code = canary.diagnosis.as_ref().map(|diagnosis| diagnosis.code.id().to_owned());
            Alarm { seed, canary: canary.id.clone(), code }
        })
        .collect();
    if alarms.is_empty() && summary.verdict != Verdict::Pass {
        let code = summary.diagnosis.as_ref().map(|diagnosis| diagnosis.code.id().to_owned());
        alarms.push(Alarm { seed, canary: "(the run)".to_owned(), code });
    }
    alarms
}
