//! What is said about a run as a whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Code, Diagnosis, Level, Verdict};

/// The run, its target and its plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// Who we are and how this run can be repeated.
    pub run: RunInfo,
    /// What is judged.
    pub target: TargetInfo,
    /// The folder of this run's artifacts, as the user would type it.
    pub out: String,
    /// The canaries that will end, in the order in which they were planned.
    pub canaries: Vec<PlannedCanary>,
}

/// Identity of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// Unique; names the folder, the containers' label and the workspace `canary-<id>`.
    pub id: String,
    /// All facts are drawn from it: the same seed gives the same names, codes and files.
    pub seed: u64,
    /// Wall time at the start, RFC 3339, UTC.
    pub started_at: String,
    /// Version of coalmine.
    pub version: String,
    /// Who answers as the model.
    pub model: ModelMode,
    /// The arguments that start this run again, without the program's name and without `--canary`.
    pub arguments: Vec<String>,
    /// The canaries that were asked for by name; empty for all.
    pub asked: Vec<String>,
    /// Whether a skipped canary makes the run fail (`--strict`).
    #[serde(default)]
    pub strict: bool,
}

/// The model that answers the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum ModelMode {
    /// The simulated model, which answers only from what reached its prompt.
    Simulated,
    /// No model: the runtime answers from its own state (`MOLECULE_CANARY_MODE=1`).
    CanaryMode,
    /// The runtime's own model, with its own credentials. Its calls cannot be seen, so only the facts are judged.
    Live,
}

impl ModelMode {
    /// The name on the command line and in the reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::CanaryMode => "canary-mode",
            Self::Live => "live",
        }
    }
}

/// What is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// How the runtime is started.
    pub kind: TargetKind,
    /// The image, command or URL, as given; for the embedded target the fault that is switched on, if any.
    pub subject: Option<String>,
    /// The image's name, for `docker` only.
    pub image: Option<String>,
    /// The image's id (`sha256:…`), once known; for `docker` only.
    pub image_digest: Option<String>,
    /// The profile in force.
    pub profile: String,
    /// The A2A dialect spoken (`0.3` or `1.0`), once known.
    pub dialect: Option<String>,
}

/// How the runtime is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// The reference runtime, as a child process of this binary.
    Embedded,
    /// A local command.
    Process,
    /// A container image.
    Docker,
    /// Something that was running already.
    Url,
}

impl TargetKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Process => "process",
            Self::Docker => "docker",
            Self::Url => "url",
        }
    }
}

/// A canary that will end in this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedCanary {
    /// Its id.
    pub id: String,
    /// Its number, where it has one.
    pub number: Option<u32>,
    /// One line.
    pub title: String,
    /// How much a failure weighs.
    pub level: Level,
}

/// Something that takes time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// What is going on.
    pub phase: Phase,
    /// The last thing seen, for people.
    pub message: String,
    /// Units done and in all, where both are known (bytes for a pull).
    pub done: Option<u64>,
    /// See `done`.
    pub total: Option<u64>,
}

/// What takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The image is fetched.
    Pull,
    /// Canaries go on, many at once.
    Canaries,
    /// A canary is taken once more.
    Round,
    /// The runtime was started and is not ready yet.
    Boot,
    /// What this run started is being removed.
    Teardown,
}

/// The runtime answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetReady {
    /// From the start of the runtime to its card, in milliseconds.
    pub took_ms: u64,
    /// Where the card was found.
    pub card_url: String,
    /// Where turns are sent.
    pub rpc_url: String,
    /// The dialect in which turns are sent (`0.3` or `1.0`).
    pub dialect: String,
    /// The name on the card, as the runtime gave it.
    pub agent: String,
    /// The image's id, where there is one.
    pub image_digest: Option<String>,
}

/// Something worth knowing that decides no verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What was found; `coalmine explain CODE` has a page for each.
    pub code: Code,
    /// One sentence.
    pub sentence: String,
    /// The canary during which it was seen first, if any.
    pub canary: Option<String>,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunEnded {
    /// Wall time of the whole run in milliseconds, teardown included.
    pub duration_ms: u64,
    /// `fail` outranks `error`; `error` when nothing was judged; `fail` too where a canary was skipped in a strict run.
    pub verdict: Verdict,
    /// How the canaries ended.
    pub counts: Counts,
    /// True when the user stopped the run.
    pub interrupted: bool,
    /// The target as it is known at the end (digest, dialect).
    pub target: TargetInfo,
    /// Why the run as a whole could not judge, where that is so (no engine, never ready, crashed).
    pub diagnosis: Option<Diagnosis>,
    /// How to look at what was kept with `--keep`, a line each.
    pub kept: Vec<String>,
}

/// How the canaries ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Continuity held.
    pub pass: u32,
    /// Continuity is broken.
    pub fail: u32,
    /// Could not judge.
    pub error: u32,
    /// Not judged, for a stated reason.
    pub skip: u32,
}

impl Counts {
    /// Counts one more canary.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Error => &mut self.error,
            Verdict::Skip => &mut self.skip,
        } += 1;
    }

    /// The verdict of the whole: a proven regression outranks a canary that could not be judged, and a run that
    /// judged nothing is never a pass. In a `strict` run a skipped canary is as bad as one that failed.
    pub fn verdict(self, strict: bool) -> Verdict {
        match self {
            Self { fail: 1.., .. } => Verdict::Fail,
            Self { skip: 1.., .. } if strict => Verdict::Fail,
            Self { error: 1.., .. } | Self { pass: 0, .. } => Verdict::Error,
            _ => Verdict::Pass,
        }
    }
}

impl RunEnded {
    /// The exit code that this end means.
    pub fn exit_code(&self) -> u8 {
        exit_code(self.interrupted, self.verdict)
    }
}

/// The exit code of a run: 0 all passed, 1 a canary failed, 2 could not judge, 130 interrupted.
pub fn exit_code(interrupted: bool, verdict: Verdict) -> u8 {
    match (interrupted, verdict) {
        (true, _) => 130,
        (_, Verdict::Pass) => 0,
        (_, Verdict::Fail) => 1,
        (_, Verdict::Error | Verdict::Skip) => 2,
    }
}
