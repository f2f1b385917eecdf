//! The top of the page: the verdict, and what was judged.

use coalmine::event::{Counts, TargetInfo, TargetKind, Verdict};

use super::shown::Shown;
use crate::{
    Summary,
    text::{Command, baseline_verdict, tally},
};

/// The most characters of one fact about the run.
const MAX_FACT: usize = 300;
const MAX_LINE: usize = 500;
/// The most lines about what was kept.
const MAX_KEPT: usize = 10;

/// The verdict, and what was judged.
#[derive(Debug)]
pub(crate) struct Overview {
    /// `pass`, `fail` or `error`.
    pub(crate) verdict: &'static str,
    pub(crate) headline: &'static str,
    pub(crate) tally: Shown,
    /// Why the run as a whole could not be judged, or did not come to its end.
    pub(crate) why: Vec<Shown>,
    pub(crate) judged: Vec<Judged>,
    pub(crate) again: Shown,
    pub(crate) kept: Vec<Shown>,
}

/// A fact about what was judged, or how.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) name: &'static str,
    pub(crate) value: Shown,
}

/// Returns the top of the page.
pub(crate) fn overview(summary: &Summary, again: &Command, kept: &[String]) -> Overview {
    Overview {
        verdict: summary.verdict.name(),
        headline: headline(summary),
        tally: Shown::whole(format!("{} in {}", tally(summary.counts), seconds(summary.run.duration_ms))),
        why: why(summary),
        judged: judged(summary),
        again: Shown::new(&again.shell(), 4_000),
        kept: kept.iter().take(MAX_KEPT).map(|line| Shown::new(line, MAX_LINE)).collect(),
    }
}

fn headline(summary: &Summary) -> &'static str {
    let Counts { pass, fail, xfail, xpass, error, .. } = summary.counts;
    match summary.verdict {
        _ if !summary.run.complete => "Cut off",
        _ if summary.run.interrupted => "Interrupted",
        Verdict::Xfail if hides_failures(summary) => "Not worse than the baseline, as far as it is judged",
        Verdict::Xfail => "Still broken, not worse than the baseline",
        Verdict::Pass if xfail > 0 => "Passed, with known limits",
        Verdict::Pass => "Passed",
        Verdict::Fail if fail > 0 => "Conversations break",
        Verdict::Fail if summary.baseline.as_ref().is_some_and(|baseline| !baseline.weaker.is_empty()) => {
            "Less is judged than in the baseline"
        }
        Verdict::Fail if xpass > 0 => "A known limit is gone",
        Verdict::Fail => "Failed",
        _ if error > 0 && pass + xfail > 0 => "Not everything could be judged",
        _ => "Could not judge",
    }
}

/// Returns whether nothing is known to be broken still, because what was broken in the baseline is not judged.
pub(crate) fn hides_failures(summary: &Summary) -> bool {
    let baseline = summary.baseline.as_ref();
    baseline.is_some_and(|baseline| baseline.still_broken.is_empty() && !baseline.not_judged.is_empty())
}

fn why(summary: &Summary) -> Vec<Shown> {
    let mut why = Vec::new();
    if !summary.run.complete {
        why.push("The events stop before the end of the run: it was killed.".to_owned());
    }
    if summary.run.interrupted {
        why.push("The run was interrupted before its end.".to_owned());
    }
    if summary.run.strict && summary.counts.skip > 0 {
        why.push("Skipped canaries count as failed, because the run was strict.".to_owned());
    }
    if summary.findings.iter().any(|finding| finding.severity == coalmine::event::Severity::Fail) {
        why.push("A finding failed the run.".to_owned());
    }
    if let Some(shard) = &summary.run.shard {
        let (number, of, canaries) = (shard.number, shard.of, summary.canaries.len());
        why.push(format!(
            "This is shard {number} of {of}, with {canaries} of {} canaries. Only `coalmine merge` gives the verdict of the run.",
            shard.canaries.len()
        ));
    }
    if let Some(baseline) = &summary.baseline {
        let used = &baseline.used;
        why.extend(baseline_verdict(baseline).map(|words| format!("{words}.")));
        why.push(format!("The baseline is run {} of {} ({}).", used.run, used.started_at, used.target));
    }
    why.iter().map(|line| Shown::new(line, MAX_LINE)).collect()
}

/// Returns what was judged, such as `image my-agent:dev`.
pub fn what(target: &TargetInfo) -> String {
    let subject = target.subject.as_deref();
    match (target.kind, subject) {
        (TargetKind::Embedded, None) => "the reference runtime".to_owned(),
        (TargetKind::Embedded, Some(fault)) => format!("the reference runtime with the fault {fault}"),
        (TargetKind::Docker, _) => {
            format!("image {}", target.image.as_deref().or(subject).unwrap_or("(unknown)"))
        }
        (TargetKind::Process, _) => format!("command {}", subject.unwrap_or("(unknown)")),
        (TargetKind::Url, _) => format!("url {}", subject.unwrap_or("(unknown)")),
    }
}

fn judged(summary: &Summary) -> Vec<Judged> {
    let (run, target) = (&summary.run, &summary.target);
    let facts = [
        ("Judged", Some(what(target))),
        ("Image digest", target.image_digest.clone()),
        ("Profile", Some(target.profile.clone())),
        ("A2A dialect", Some(target.dialect.clone().unwrap_or_else(|| "not known".to_owned()))),
        ("Model", Some(run.model.name().to_owned())),
        ("Seed", Some(run.seed.to_string())),
        ("Coalmine", Some(run.version.clone())),
        ("Started", Some(run.started_at.clone())),
        ("Run", Some(run.id.clone())),
        ("In parallel", (run.jobs > 0).then(|| format!("up to {}", run.jobs))),
    ];
    facts
        .into_iter()
        .filter_map(|(name, value)| Some(Judged { name, value: Shown::new(&value?, MAX_FACT) }))
        .collect()
}

/// Returns `12 ms` or `1.23 s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    if milliseconds < 1000 { format!("{milliseconds} ms") } else { seconds(milliseconds) }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02} s", milliseconds / 1000, milliseconds % 1000 / 10)
}
