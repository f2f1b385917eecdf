//! What a run has to do with its baseline, in words.

use crate::SummaryBaseline;

/// Canaries that have the same to do with the baseline.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BaselineGroup<'a> {
    pub(crate) label: &'static str,
    pub(crate) canaries: &'a [String],
}

/// Returns the groups that are not empty, what weighs most first.
pub(crate) fn baseline_groups(baseline: &SummaryBaseline) -> Vec<BaselineGroup<'_>> {
    let all = [
        ("worse than the baseline", &baseline.worse),
        ("passed in the baseline, skipped now", &baseline.weaker),
        ("still broken, as in the baseline", &baseline.still_broken),
        ("failed in the baseline, not judged now", &baseline.not_judged),
        ("mended; write the baseline again, so that it stays so", &baseline.mended),
        ("in the baseline, not in this run", &baseline.used.absent),
    ];
    all.into_iter()
        .filter(|(_, canaries)| !canaries.is_empty())
        .map(|(label, canaries)| BaselineGroup { label, canaries })
        .collect()
}

/// Returns why a run is not clean although nothing in it is worse, or why it failed without a failed canary.
pub(crate) fn baseline_verdict(baseline: &SummaryBaseline) -> Option<String> {
    let (weaker, broken) = (baseline.weaker.len(), baseline.still_broken.len());
    let hidden = baseline.not_judged.len();
    if weaker > 0 {
        return Some(match weaker {
            1 => "FAILED, because 1 canary passed in the baseline and was skipped".to_owned(),
            _ => format!("FAILED, because {weaker} canaries passed in the baseline and were skipped"),
        });
    }
    let canaries = |count| if count == 1 { "canary" } else { "canaries" };
    let broken =
        (broken > 0).then(|| format!("{broken} {} still broken, as in the baseline", canaries(broken)));
    let hidden = (hidden > 0)
        .then(|| format!("{hidden} {} failed in the baseline and not judged now", canaries(hidden)));
    let words: Vec<String> = broken.into_iter().chain(hidden).collect();
    (!words.is_empty()).then(|| format!("NOT CLEAN: {}", words.join(", ")))
}
