//! What a baseline makes of a verdict.

use super::{Baseline, BaselineCanary};
use crate::{
    event::{AgainstBaseline, CanaryReport, Code, Rounds, Verdict},
    judge::rounds::wilson,
};

impl Baseline {
    /// Excuses the failure of a canary that failed in the baseline with the same code, and says what is worse.
    pub fn judge(&self, report: &mut CanaryReport) {
        let known = self.canary(&report.id);
        let fell = known.and_then(|known| fell(known.rounds.as_ref(), report.rounds.as_ref()));
        let (against, reason) = match (report.verdict, known.map(|known| known.verdict)) {
            (Verdict::Fail, Some(Verdict::Fail)) if fell.is_some() => (AgainstBaseline::Worse, fell),
            (Verdict::Fail, Some(Verdict::Fail))
                if report.codes().all(|code| known.is_some_and(|known| excuses(known, code))) =>
            {
                report.verdict = Verdict::Xfail;
                let date = self.run.started_at.get(..10).unwrap_or_default();
                (AgainstBaseline::StillBroken, Some(format!("still broken, as in the baseline of {date}")))
            }
            (Verdict::Fail, known_verdict) => {
                let is_known = |code: &Code| known.is_some_and(|known| excuses(known, Some(*code)));
                let new = report.other_codes.iter().find(|code| !is_known(code)).copied();
                (AgainstBaseline::Worse, Some(other(known, known_verdict, new)))
            }
            (Verdict::Pass, Some(Verdict::Pass | Verdict::Fail)) if fell.is_some() => {
                report.verdict = Verdict::Fail;
                (AgainstBaseline::Worse, fell)
            }
            (Verdict::Pass | Verdict::Xpass, Some(Verdict::Fail)) => (AgainstBaseline::Mended, None),
            (Verdict::Skip, Some(Verdict::Pass)) => (AgainstBaseline::Weaker, None),
            (Verdict::Skip, Some(Verdict::Fail)) => (AgainstBaseline::NotJudged, Some(hidden(known))),
            _ => return,
        };
        report.baseline = Some(against);
        if let Some(reason) = reason {
            report.reason = Some(match report.reason.take() {
                Some(other) => format!("{reason}; {other}"),
                None => reason,
            });
        }
    }
}

/// Returns whether a canary failed with a code in the baseline. A failure without a code is never excused.
fn excuses(known: &BaselineCanary, code: Option<Code>) -> bool {
    code.is_some() && (code == known.code || known.other_codes.iter().any(|known| Some(*known) == code))
}

/// Returns why a failure is not that of the baseline. `round` is a code that only another round than the reported one has.
fn other(known: Option<&BaselineCanary>, verdict: Option<Verdict>, round: Option<Code>) -> String {
    match (verdict, known.and_then(|known| known.code)) {
        (Some(Verdict::Fail), Some(code)) if let Some(round) = round => {
            format!(
                "a round failed with `{round}`, and this is not what the baseline says: it failed with `{code}` there"
            )
        }
        (None, _) => "the baseline does not have this canary".to_owned(),
        (Some(Verdict::Fail), Some(code)) => {
            format!("this is not what the baseline says: it failed with `{code}` there")
        }
        (Some(Verdict::Fail), None) => "the baseline does not say why it failed there".to_owned(),
        (Some(Verdict::Pass | Verdict::Xpass), _) => "it passed in the baseline".to_owned(),
        (Some(Verdict::Skip), _) => "it was skipped in the baseline".to_owned(),
        (Some(Verdict::Error), _) => "it could not be judged in the baseline".to_owned(),
        (Some(Verdict::Xfail), _) => "it was a known limit of the profile in the baseline".to_owned(),
    }
}

/// Returns that a skip hides whether a known failure is still there.
fn hidden(known: Option<&BaselineCanary>) -> String {
    let code = known.and_then(|known| known.code).map(|code| format!(" with `{code}`")).unwrap_or_default();
    format!("it failed in the baseline{code} and is not judged now")
}

/// Returns that fewer rounds passed than in the baseline, if that cannot be by chance: their intervals do not overlap.
fn fell(before: Option<&Rounds>, after: Option<&Rounds>) -> Option<String> {
    let (before, after) = (before?, after?);
    if before.judged == 0 || after.judged == 0 {
        return None;
    }
    let is_lower = wilson(after.passed, after.judged).1 < wilson(before.passed, before.judged).0;
    is_lower.then(|| {
        let Rounds { passed, judged, .. } = before;
        format!("fewer rounds passed than in the baseline ({passed}/{judged}), and not by chance")
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        baseline::BaselineRun,
        event::{Diagnosis, Level, verdict_with_baseline},
    };

    pub(in crate::baseline) fn report(verdict: Verdict, code: Option<Code>) -> CanaryReport {
        CanaryReport {
            id: "a".into(),
            number: None,
            title: String::new(),
            level: Level::Continuity,
            verdict,
            duration_ms: 5,
            checks: vec![],
            diagnosis: code.map(|code| Diagnosis::new(code, "it broke")),
            reason: None,
            hint_toml: None,
            session_key: None,
            rounds: None,
            other_codes: vec![],
            baseline: None,
            turns: vec![],
        }
    }

    #[test]
    fn a_round_that_fails_in_another_way_is_worse() {
        use AgainstBaseline::{StillBroken, Worse};
        use Verdict::{Fail, Xfail};
        let rounds = |shown, others: &[Code]| CanaryReport {
            other_codes: others.to_vec(),
            ..report(Fail, Some(shown))
        };
        let (echo, leak, split) = (Code::ReplyEcho, Code::ReplyLeak, Code::SessionSplit);
        for (before, now, verdict, against) in [
            (rounds(echo, &[]), rounds(echo, &[leak]), Fail, Worse),
            (rounds(echo, &[leak]), rounds(echo, &[leak, split]), Fail, Worse),
            (rounds(echo, &[leak]), rounds(split, &[echo]), Fail, Worse),
            (rounds(echo, &[leak]), rounds(echo, &[leak]), Xfail, StillBroken),
            (rounds(echo, &[leak]), rounds(leak, &[echo]), Xfail, StillBroken),
            (rounds(echo, &[leak]), rounds(leak, &[]), Xfail, StillBroken),
        ] {
            let mut judged = now.clone();
            baseline(&[before]).judge(&mut judged);
            assert_eq!((judged.verdict, judged.baseline), (verdict, Some(against)), "{now:?}");
        }
        let mut judged = rounds(echo, &[leak]);
        baseline(&[rounds(echo, &[])]).judge(&mut judged);
        let reason = judged.reason.unwrap();
        assert!(reason.starts_with("a round failed with `reply.leak`"), "{reason}");
    }

    fn repeated(passed: u32, verdict: Verdict) -> CanaryReport {
        let rounds = Rounds { passed, judged: 20, asked: 20, low: 0.0, high: 1.0, min_pass: 0.1, shown: 1 };
        CanaryReport { rounds: Some(rounds), ..report(verdict, Some(Code::ReplyEcho)) }
    }

    fn baseline(of: &[CanaryReport]) -> Baseline {
        let text = String::new;
        let run = BaselineRun {
            id: text(),
            started_at: "2026-11-28T10:00:00Z".into(),
            version: text(),
            target: text(),
            image_digest: None,
        };
        Baseline::new(run, of)
    }

    /// Returns the verdict of a canary after its baseline, what the baseline says, and the verdict of the run.
    fn judged(before: &[CanaryReport], mut now: CanaryReport) -> (Verdict, Option<AgainstBaseline>, Verdict) {
        baseline(before).judge(&mut now);
        let mut counts = crate::event::Counts { pass: 1, ..Default::default() };
        counts.add(now.verdict);
        (now.verdict, now.baseline, verdict_with_baseline(counts.verdict(false), now.baseline))
    }

    #[test]
    fn only_the_same_failure_is_excused() {
        use AgainstBaseline::{Mended, NotJudged, StillBroken, Weaker, Worse};
        use Verdict::{Error, Fail, Pass, Skip, Xfail, Xpass};
        let of = report;
        let (echo, leak) = (Some(Code::ReplyEcho), Some(Code::ReplyLeak));
        for (before, now, expected) in [
            (of(Fail, echo), of(Fail, echo), (Xfail, Some(StillBroken), Xfail)),
            (of(Fail, echo), of(Fail, leak), (Fail, Some(Worse), Fail)),
            (of(Fail, None), of(Fail, None), (Fail, Some(Worse), Fail)),
            (of(Fail, echo), of(Fail, None), (Fail, Some(Worse), Fail)),
            (of(Pass, None), of(Fail, echo), (Fail, Some(Worse), Fail)),
            (of(Skip, None), of(Fail, echo), (Fail, Some(Worse), Fail)),
            (of(Error, echo), of(Fail, echo), (Fail, Some(Worse), Fail)),
            (of(Xfail, echo), of(Fail, echo), (Fail, Some(Worse), Fail)),
            (of(Error, echo), of(Error, echo), (Error, None, Error)),
            (of(Fail, echo), of(Error, echo), (Error, None, Error)),
            (of(Pass, None), of(Error, echo), (Error, None, Error)),
            (of(Pass, None), of(Skip, None), (Skip, Some(Weaker), Fail)),
            (of(Fail, echo), of(Skip, None), (Skip, Some(NotJudged), Xfail)),
            (of(Xfail, echo), of(Skip, None), (Skip, None, Pass)),
            (of(Skip, None), of(Skip, None), (Skip, None, Pass)),
            (of(Fail, echo), of(Pass, None), (Pass, Some(Mended), Pass)),
            (of(Fail, echo), of(Xpass, None), (Xpass, Some(Mended), Fail)),
            (of(Pass, None), of(Pass, None), (Pass, None, Pass)),
        ] {
            assert_eq!(judged(std::slice::from_ref(&before), now.clone()), expected, "{before:?} {now:?}");
        }
        assert_eq!(judged(&[], of(Fail, echo)), (Fail, Some(Worse), Fail));
        assert_eq!(judged(&[], of(Skip, None)), (Skip, None, Pass));
    }

    #[test]
    fn a_lower_rate_is_worse_even_if_enough_rounds_pass() {
        use Verdict::{Fail, Pass, Xfail};
        let worse = Some(AgainstBaseline::Worse);
        assert_eq!(judged(&[repeated(20, Pass)], repeated(4, Pass)), (Fail, worse, Fail));
        assert_eq!(judged(&[repeated(20, Pass)], repeated(18, Pass)), (Pass, None, Pass));
        assert_eq!(judged(&[repeated(18, Fail)], repeated(1, Fail)), (Fail, worse, Fail));
        assert_eq!(judged(&[repeated(18, Fail)], repeated(17, Fail)).0, Xfail);
        // a share that was not reached is not excused by chance
        assert_eq!(judged(&[repeated(20, Pass)], repeated(19, Fail)), (Fail, worse, Fail));
    }

    #[test]
    fn the_reason_says_what_the_baseline_has() {
        let mut now = report(Verdict::Fail, Some(Code::ReplyLeak));
        now.reason = Some("the known limit (x) ended".into());
        baseline(&[report(Verdict::Fail, Some(Code::ReplyEcho))]).judge(&mut now);
        let reason = "this is not what the baseline says: it failed with `reply.echo` there; the known limit (x) ended";
        assert_eq!(now.reason.as_deref(), Some(reason));
        let mut skipped = report(Verdict::Skip, None);
        skipped.reason = Some("it needs a container".into());
        baseline(&[report(Verdict::Fail, Some(Code::ReplyEcho))]).judge(&mut skipped);
        let reason =
            "it failed in the baseline with `reply.echo` and is not judged now; it needs a container";
        assert_eq!(skipped.reason.as_deref(), Some(reason));
    }
}
