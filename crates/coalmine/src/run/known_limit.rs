//! Known limits: failures that the profile expects.

use crate::{
    event::{CanaryReport, Verdict},
    plan::{Date, Profile},
};

/// Turns the failure of a canary into an expected one if it is a known limit of the runtime, and a pass into
/// an unexpected one. A limit whose last day is over changes nothing, and a failure says so.
pub(super) fn apply(report: &mut CanaryReport, profile: &Profile, today: Date) {
    let (current, over): (Vec<_>, Vec<_>) =
        profile.limits(&report.id).partition(|limit| limit.applies_on(today));
    let code = report.diagnosis.as_ref().map(|diagnosis| diagnosis.code);
    match report.verdict {
        Verdict::Fail => {
            if let Some(limit) = current.iter().find(|limit| limit.code.is_none() || limit.code == code) {
                report.verdict = Verdict::Xfail;
                report.reason = Some(limit.reason.clone());
            } else if let Some((limit, expected)) =
                current.iter().find_map(|limit| Some((limit, limit.code?)))
            {
                report.reason = Some(format!(
                    "this is not the known limit ({}): the profile expects `{expected}`",
                    limit.reason
                ));
            } else if let Some((limit, until)) = over.iter().find_map(|limit| Some((limit, limit.until?))) {
                report.reason = Some(format!("the known limit ({}) ended on {until}", limit.reason));
            }
        }
        Verdict::Pass => {
            if let Some(limit) = current.first() {
                report.verdict = Verdict::Xpass;
                report.reason = Some(format!(
                    "the profile says that this fails ({}), and it passed: remove its `[[known-limit]]`",
                    limit.reason
                ));
            }
        }
        Verdict::Error | Verdict::Skip | Verdict::Xfail | Verdict::Xpass => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Code, Diagnosis, Level};

    fn applied(verdict: Verdict, limits: &str, today: &str) -> (Verdict, Option<String>) {
        let profile = Profile::read("mine", "mine.toml", limits).unwrap();
        let diagnosis = Diagnosis::new(Code::PromptFileMissing, "the file is missing");
        let mut report = CanaryReport {
            id: "file-only".into(),
            number: None,
            title: String::new(),
            level: Level::Continuity,
            verdict,
            duration_ms: 0,
            checks: vec![],
            diagnosis: (verdict == Verdict::Fail).then_some(diagnosis),
            reason: None,
            hint_toml: None,
            session_key: None,
            rounds: None,
            baseline: None,
            turns: vec![],
        };
        apply(&mut report, &profile, today.parse().unwrap());
        (report.verdict, report.reason)
    }

    fn limit(more: &str) -> String {
        format!("[[known-limit]]\ncanary = \"file-only\"\nreason = \"text only\"\n{more}\n")
    }

    #[test]
    fn expected_failure_is_xfail_and_a_pass_is_xpass() {
        let any = limit("");
        assert_eq!(applied(Verdict::Fail, &any, "2026-11-28"), (Verdict::Xfail, Some("text only".into())));
        let (verdict, reason) = applied(Verdict::Pass, &any, "2026-11-28");
        assert_eq!(verdict, Verdict::Xpass);
        assert!(reason.unwrap().contains("remove its `[[known-limit]]`"));
        for verdict in [Verdict::Skip, Verdict::Error] {
            assert_eq!(applied(verdict, &any, "2026-11-28"), (verdict, None));
        }
        let other = any.replace("file-only", "two-files");
        assert_eq!(applied(Verdict::Fail, &other, "2026-11-28"), (Verdict::Fail, None));
    }

    #[test]
    fn another_code_is_an_ordinary_failure() {
        let expected = limit("code = \"prompt.file-missing\"");
        assert_eq!(applied(Verdict::Fail, &expected, "2026-11-28").0, Verdict::Xfail);
        let (verdict, reason) = applied(Verdict::Fail, &limit("code = \"reply.echo\""), "2026-11-28");
        assert_eq!(verdict, Verdict::Fail);
        assert!(reason.unwrap().ends_with("the profile expects `reply.echo`"));
    }

    #[test]
    fn nothing_is_expected_after_the_last_day() {
        let dated = limit("until = 2027-01-31");
        assert_eq!(applied(Verdict::Fail, &dated, "2027-01-31").0, Verdict::Xfail);
        let (verdict, reason) = applied(Verdict::Fail, &dated, "2027-02-01");
        assert_eq!(
            (verdict, reason.as_deref()),
            (Verdict::Fail, Some("the known limit (text only) ended on 2027-01-31"))
        );
        assert_eq!(applied(Verdict::Pass, &dated, "2027-02-01"), (Verdict::Pass, None));
    }
}
