//! `summary.json`: the outcome of a run, for programs.

use camino::Utf8PathBuf;
use coalmine::event::{
    AgainstBaseline, BaselineUsed, CanaryReport, Cause, Counts, Diagnosis, Envelope, Finding, ModelMode,
    RunInfo, Shard, TargetInfo, Verdict, escape_json, exit_code,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Record, ReportError, Reporter, StreamError, write_atomically};

/// The value of [`Summary::schema`]. Its number changes if a reader of the older schema would be misled.
pub const SUMMARY_SCHEMA: &str = "coalmine/summary/1";
const FILE: &str = "summary.json";

/// The outcome of a whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// The version of this format, `coalmine/summary/1`.
    pub schema: String,
    /// The run itself.
    pub run: SummaryRun,
    /// What was judged, as far as it is known.
    pub target: TargetInfo,
    /// `pass`, `xfail`, `fail` or `error`. It is never `pass` if the run did not come to its end, and `xfail` if something is
    /// still broken, as the baseline says, and nothing is worse.
    pub verdict: Verdict,
    /// How the canaries ended.
    pub counts: Counts,
    /// All canaries of the plan, in its order.
    pub canaries: Vec<CanaryReport>,
    /// What the canaries that failed or could not be judged have in common, in the order of the layers.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// Why the run as a whole could not be judged, if that is so; else the diagnosis of the first cause.
    pub diagnosis: Option<Diagnosis>,
    /// Observations that decide no verdict.
    pub findings: Vec<Finding>,
    /// What the run has to do with its baseline, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<SummaryBaseline>,
}

impl Summary {
    /// Returns the exit code that belongs to the verdict.
    pub fn exit_code(&self) -> u8 {
        exit_code(self.run.interrupted, self.verdict)
    }
}

/// The identity and the end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SummaryRun {
    /// The unique id of the run.
    pub id: String,
    /// The seed from which all facts were drawn.
    pub seed: u64,
    /// Wall time at the start, RFC 3339, UTC.
    pub started_at: String,
    /// Wall time in milliseconds, up to the last event if the run did not come to its end.
    pub duration_ms: u64,
    /// The version of Coalmine.
    pub version: String,
    /// Who answered as the model.
    pub model: ModelMode,
    /// The arguments that start this run again, without `--canary`.
    pub arguments: Vec<String>,
    /// How many canaries ran in parallel at most.
    #[serde(default)]
    pub jobs: u32,
    /// Whether a skipped canary made the run fail (`--strict`).
    #[serde(default)]
    pub strict: bool,
    /// Which part of a run this is, if it is spread over several machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Whether the run came to its end. If not, it was killed.
    pub complete: bool,
    /// Whether the user stopped the run.
    pub interrupted: bool,
}

/// What a run has to do with its baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SummaryBaseline {
    /// The baseline.
    pub used: BaselineUsed,
    /// The canaries that fail for the same reason as in the baseline. Without the baseline, the run would have failed.
    pub still_broken: Vec<String>,
    /// The canaries that are worse than in the baseline.
    pub worse: Vec<String>,
    /// The canaries that passed in the baseline and were skipped.
    pub weaker: Vec<String>,
    /// The canaries that were broken in the baseline and were skipped.
    #[serde(default)]
    pub not_judged: Vec<String>,
    /// The canaries that were broken in the baseline and pass.
    pub mended: Vec<String>,
}

impl SummaryBaseline {
    pub(crate) fn new(used: BaselineUsed, canaries: &[CanaryReport]) -> Self {
        let of = |against| {
            let with = canaries.iter().filter(|canary| canary.baseline == Some(against));
            with.map(|canary| canary.id.clone()).collect()
        };
        Self {
            used,
            still_broken: of(AgainstBaseline::StillBroken),
            worse: of(AgainstBaseline::Worse),
            weaker: of(AgainstBaseline::Weaker),
            not_judged: of(AgainstBaseline::NotJudged),
            mended: of(AgainstBaseline::Mended),
        }
    }
}

/// Summarizes the events of one run. If the stream stops too early, the verdict is never `pass`.
///
/// # Errors
/// Fails if the events are not those of one run, in order.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Envelope>) -> Result<Summary, StreamError> {
    let mut record = Record::default();
    events.into_iter().try_for_each(|envelope| record.push(envelope))?;
    record.summary()
}

impl Record {
    /// Returns the summary of the run as far as it is known.
    ///
    /// # Errors
    /// Fails if there was no event at all.
    pub fn summary(&self) -> Result<Summary, StreamError> {
        let (Some(started), Some(target)) = (&self.started, self.target()) else {
            return Err(StreamError::Empty);
        };
        let RunInfo { id, seed, started_at, version, model, arguments, asked: _, strict, jobs, shard } =
            started.run.clone();
        let end = self.end.as_ref();
        Ok(Summary {
            schema: SUMMARY_SCHEMA.to_owned(),
            run: SummaryRun {
                id,
                seed,
                started_at,
                duration_ms: end.map_or(self.at_ms, |end| end.duration_ms),
                version,
                model,
                arguments,
                jobs,
                strict,
                shard,
                complete: end.is_some(),
                interrupted: end.is_some_and(|end| end.interrupted),
            },
            target,
            verdict: self.verdict(),
            counts: self.counts(),
            canaries: self.canaries(),
            causes: self.causes(),
            diagnosis: self.diagnosis(),
            findings: self.findings.clone(),
            baseline: self.baseline(),
        })
    }
}

/// Returns the file.
pub(crate) fn json(record: &Record) -> Result<String, ReportError> {
    Ok(escape_json(&serde_json::to_string_pretty(&record.summary()?)?) + "\n")
}

/// Writes `summary.json` at the end of the stream.
#[derive(Debug)]
pub struct SummaryFile {
    folder: Utf8PathBuf,
    record: Record,
}

impl SummaryFile {
    /// Returns a reporter that writes into `folder`, which exists.
    pub fn new(folder: impl Into<Utf8PathBuf>) -> Self {
        Self { folder: folder.into(), record: Record::default() }
    }
}

impl Reporter for SummaryFile {
    fn name(&self) -> &str {
        FILE
    }

    fn files(&self) -> &[&str] {
        &[FILE]
    }

    fn is_for_machines(&self) -> bool {
        true
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        Ok(self.record.push(envelope)?)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let text = json(&self.record)?;
        write_atomically(&self.folder, FILE, text.as_bytes())
            .map_err(|source| ReportError::File { path: self.folder.join(FILE), source })
    }
}
