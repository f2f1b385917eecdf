//! The file of a baseline.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::{AgainstBaseline, BaselineUsed, CanaryReport, Code, Rounds, Verdict, escape_json};

/// The value of [`Baseline::schema`]. Its number changes if a reader of the older schema would be misled.
pub const BASELINE_SCHEMA: &str = "coalmine/baseline/1";
const MAX_CANARIES: usize = 10_000;
/// The most characters of an id or another text.
const MAX_TEXT: usize = 1_000;

/// What is known of a runtime: which canaries pass and which are broken, and how long they take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The version of this format, `coalmine/baseline/1`.
    pub schema: String,
    /// The run from which it was made.
    pub run: BaselineRun,
    /// The canaries, in the order of that run.
    pub canaries: Vec<BaselineCanary>,
}

/// The run from which a baseline was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineRun {
    /// The id of the run.
    pub id: String,
    /// The time of its start, RFC 3339, UTC.
    pub started_at: String,
    /// The version of coalmine.
    pub version: String,
    /// What was judged, in words.
    pub target: String,
    /// The id of the image, if there is one.
    pub image_digest: Option<String>,
}

/// A canary in a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineCanary {
    /// The id of the canary.
    pub id: String,
    /// How it ended. Only `fail` excuses a failure; `xfail` is a known limit of the profile.
    pub verdict: Verdict,
    /// The code of its diagnosis; a failure is excused only if it has the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// How long it took, in milliseconds. Shards are balanced by it.
    pub duration_ms: u64,
    /// The outcome of its rounds, if there were several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<Rounds>,
}

/// The reason why a text is not a baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not JSON of this format.
    #[error(transparent)]
    Parse(#[from] serde_json::Error),
    /// It has another format.
    #[error("its format is `{0}`: expected `coalmine/baseline/1`")]
    Schema(String),
    /// A canary is there twice.
    #[error("it has the canary `{0}` twice")]
    Twice(String),
    /// It is too large.
    #[error("it has more than {MAX_CANARIES} canaries, or a text of more than {MAX_TEXT} characters")]
    TooLarge,
    /// More rounds passed than were judged.
    #[error("more rounds of the canary `{0}` passed than were judged")]
    Rounds(String),
}

impl Baseline {
    /// Returns the baseline of a run with these canaries.
    pub fn new(run: BaselineRun, canaries: &[CanaryReport]) -> Self {
        Self { schema: BASELINE_SCHEMA.to_owned(), run, canaries: canaries.iter().map(known).collect() }
    }

    /// Parses a file.
    ///
    /// # Errors
    /// Fails if the text is not a baseline, or contradicts itself.
    pub fn parse(text: &[u8]) -> Result<Self, BaselineError> {
        let baseline: Self = serde_json::from_slice(text)?;
        if baseline.schema != BASELINE_SCHEMA {
            return Err(BaselineError::Schema(baseline.schema));
        }
        if baseline.canaries.len() > MAX_CANARIES || baseline.texts().any(|text| text.len() > MAX_TEXT) {
            return Err(BaselineError::TooLarge);
        }
        let mut ids = HashSet::new();
        for canary in &baseline.canaries {
            if !ids.insert(canary.id.as_str()) {
                return Err(BaselineError::Twice(canary.id.clone()));
            }
            if canary.rounds.is_some_and(|rounds| rounds.passed > rounds.judged) {
                return Err(BaselineError::Rounds(canary.id.clone()));
            }
        }
        Ok(baseline)
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let BaselineRun { id, started_at, version, target, image_digest } = &self.run;
        let of_run = [id, started_at, version, target].into_iter().chain(image_digest);
        of_run.chain(self.canaries.iter().map(|canary| &canary.id))
    }

    /// Returns the file.
    ///
    /// # Errors
    /// Fails if it cannot be encoded.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(escape_json(&serde_json::to_string_pretty(self)?) + "\n")
    }

    /// Returns the SHA-256 of its content, in hexadecimal.
    pub fn digest(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns what a run says about it. `planned` are the ids of all its canaries.
    pub fn used(&self, planned: &[&str]) -> BaselineUsed {
        let says_something =
            |canary: &&BaselineCanary| matches!(canary.verdict, Verdict::Pass | Verdict::Fail);
        let absent = self.canaries.iter().filter(says_something).map(|canary| canary.id.clone());
        BaselineUsed {
            run: self.run.id.clone(),
            started_at: self.run.started_at.clone(),
            target: self.run.target.clone(),
            digest: self.digest(),
            absent: absent.filter(|id| !planned.contains(&id.as_str())).collect(),
        }
    }

    pub(super) fn canary(&self, id: &str) -> Option<&BaselineCanary> {
        self.canaries.iter().find(|canary| canary.id == id)
    }
}

fn known(report: &CanaryReport) -> BaselineCanary {
    let verdict = match report.verdict {
        Verdict::Xfail if report.baseline == Some(AgainstBaseline::StillBroken) => Verdict::Fail,
        Verdict::Xpass => Verdict::Pass,
        verdict => verdict,
    };
    let code = report.diagnosis.as_ref().map(|diagnosis| diagnosis.code);
    BaselineCanary {
        id: report.id.clone(),
        verdict,
        code: code.filter(|_| verdict != Verdict::Pass),
        duration_ms: report.duration_ms,
        rounds: report.rounds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(canaries: &str) -> String {
        format!(
            r#"{{"schema": "coalmine/baseline/1", "run": {{"id": "r", "started_at": "t", "version": "0.1.0", "target": "x",
            "image_digest": null}}, "canaries": [{canaries}]}}"#
        )
    }

    fn refused(text: &str) -> String {
        Baseline::parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let one = r#"{"id": "a", "verdict": "fail", "code": "reply.echo", "duration_ms": 1}"#;
        let baseline = Baseline::parse(text(one).as_bytes()).unwrap();
        assert_eq!(Baseline::parse(baseline.to_json().unwrap().as_bytes()).unwrap(), baseline);
        assert!(refused(&text(&format!("{one}, {one}"))).contains("`a` twice"));
        assert!(refused(&text(one).replace("baseline/1", "baseline/2")).contains("baseline/2"));
        assert!(
            refused(&text(&one.replace("reply.echo", "reply.no-such-code"))).contains("reply.no-such-code")
        );
        assert!(
            refused(&text(&one.replace("\"a\"", &format!("\"{}\"", "a".repeat(2_000)))))
                .contains("characters")
        );
        assert!(refused(&text(&one.replace("duration_ms", "any_code"))).contains("any_code"));
        assert!(refused(&text(one)[1..]).contains("line 1"));
        let rounds = r#""rounds": {"passed": 9, "judged": 3, "asked": 3, "low": 0, "high": 1, "min_pass": 1, "shown": 1}"#;
        assert!(refused(&text(&one.replace('}', &format!(", {rounds}}}")))).contains("more rounds"));
    }

    #[test]
    fn an_excuse_that_was_used_stays_one() {
        let mut report = CanaryReport {
            baseline: Some(AgainstBaseline::StillBroken),
            ..super::super::judge::tests::report(Verdict::Xfail, Some(Code::ReplyEcho))
        };
        assert_eq!(known(&report).verdict, Verdict::Fail);
        report.baseline = None;
        assert_eq!(known(&report).verdict, Verdict::Xfail, "a limit of the profile is not in the baseline");
    }
}
