//! Events about a run as a whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BaselineUsed, Cause, Diagnosis, Level, Shard, Verdict};

/// The start of a run, with its target and its plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// The identity of the run, and how it can be repeated.
    pub run: RunInfo,
    /// The runtime that is judged.
    pub target: TargetInfo,
    /// The folder of the run's files, as the user would type it.
    pub out: String,
    /// The canaries of the run, in the order of the plan. Each of them ends exactly once.
    pub canaries: Vec<PlannedCanary>,
    /// The baseline with which the run is judged, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineUsed>,
}

/// The identity of a run, and how it can be repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// The unique id of the run. The folder, the label of containers and the workspace `canary-<id>` are
    /// named after it.
    pub id: String,
    /// The seed from which all facts are drawn. The same seed gives the same names, codes and files.
    pub seed: u64,
    /// The time of the start, in UTC, as in RFC 3339.
    pub started_at: String,
    /// The version of coalmine.
    pub version: String,
    /// The model that answers the runtime.
    pub model: ModelMode,
    /// The arguments after `coalmine run`, without `--canary`, `--seed`, `--run-id` and `--quiet`. Together with
    /// `asked` and `seed` they repeat the run.
    pub arguments: Vec<String>,
    /// The canaries that were selected with `--canary`; empty for all.
    pub asked: Vec<String>,
    /// How many canaries ran in parallel at most; 0 in files of older versions.
    #[serde(default)]
    pub jobs: u32,
    /// Whether a skipped canary fails the run (`--strict`).
    #[serde(default)]
    pub strict: bool,
    /// Which part of a run this is, if it is spread over several machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
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
    /// The runtime's own model, with its own credentials. Its calls cannot be seen, so only the facts are
    /// judged.
    Live,
}

impl ModelMode {
    /// Returns the name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::CanaryMode => "canary-mode",
            Self::Live => "live",
        }
    }
}

/// The runtime that is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// How the runtime is started.
    pub kind: TargetKind,
    /// The image, command or URL, as given. For the embedded runtime, the fault that is switched on, if any.
    pub subject: Option<String>,
    /// The name of the image; only for `docker`.
    pub image: Option<String>,
    /// The id of the image (`sha256:…`), once it is known; only for `docker`.
    pub image_digest: Option<String>,
    /// The name of the profile.
    pub profile: String,
    /// The A2A dialect that is spoken (`0.3` or `1.0`), once it is known.
    pub dialect: Option<String>,
}

/// How the runtime is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// The reference runtime, as a child process of coalmine.
    Embedded,
    /// A local command (`--cmd`).
    Process,
    /// A container image (`--image`).
    Docker,
    /// A runtime that was already running (`--url`).
    Url,
}

impl TargetKind {
    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Process => "process",
            Self::Docker => "docker",
            Self::Url => "url",
        }
    }
}

/// A canary of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedCanary {
    /// The id of the canary.
    pub id: String,
    /// The number of the canary, if it has one.
    pub number: Option<u32>,
    /// One line that says what holds if the canary passes.
    pub title: String,
    /// How severe a failure is.
    pub level: Level,
}

/// Something that takes time and is in progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// What is in progress.
    pub phase: Phase,
    /// The latest observation, for people.
    pub message: String,
    /// The units that are done (bytes for a pull), if this and the total are known.
    pub done: Option<u64>,
    /// The units in total, if this and `done` are known.
    pub total: Option<u64>,
}

/// A part of the run that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The image is being pulled.
    Pull,
    /// Canaries are running, several at a time.
    Canaries,
    /// A further round of a canary is running.
    Round,
    /// A turn was sent and its answer is awaited.
    Turn,
    /// The runtime was started and is not ready yet.
    Boot,
    /// Everything that the run started is being removed.
    Teardown,
}

/// The runtime is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetReady {
    /// The time from the start of the runtime to its agent card, in milliseconds.
    pub took_ms: u64,
    /// The URL of the agent card.
    pub card_url: String,
    /// The URL to which turns are sent.
    pub rpc_url: String,
    /// The A2A dialect in which turns are sent (`0.3` or `1.0`).
    pub dialect: String,
    /// The name of the agent on the card, as the runtime gave it.
    pub agent: String,
    /// The id of the image, if there is one.
    pub image_digest: Option<String>,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunEnded {
    /// The duration of the whole run, including the teardown, in milliseconds.
    pub duration_ms: u64,
    /// The verdict of the run: `fail` if a canary or a finding failed, or a canary was skipped in a strict run; else `error` if a
    /// canary could not be judged, or none passed; else `xfail` if a canary is still broken, as the baseline says; else `pass`.
    pub verdict: Verdict,
    /// The number of canaries with each verdict.
    pub counts: Counts,
    /// Whether the user interrupted the run.
    pub interrupted: bool,
    /// The runtime, with the image id and the dialect that are known at the end.
    pub target: TargetInfo,
    /// Why the run as a whole could not judge, if it could not: for example, the runtime was never ready.
    pub diagnosis: Option<Diagnosis>,
    /// What the canaries that failed or could not be judged have in common, in the order of the layers.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// How to inspect what `--keep` kept, one line each.
    pub kept: Vec<String>,
}

/// The number of canaries with each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Canaries that passed.
    pub pass: u32,
    /// Canaries that failed.
    pub fail: u32,
    /// Canaries that could not be judged.
    pub error: u32,
    /// Canaries that were skipped, with a reason.
    pub skip: u32,
    /// Canaries that failed as the profile says.
    #[serde(default)]
    pub xfail: u32,
    /// Canaries that passed although the profile says that they fail.
    #[serde(default)]
    pub xpass: u32,
}

impl Counts {
    /// Counts one more canary.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Error => &mut self.error,
            Verdict::Skip => &mut self.skip,
            Verdict::Xfail => &mut self.xfail,
            Verdict::Xpass => &mut self.xpass,
        } += 1;
    }

    /// Returns the verdict of the run. A failed canary outranks one that could not be judged, and a run in
    /// which no canary passed or failed as expected is never a pass. An unexpected pass counts as failed, and
    /// so does a skipped canary in a `strict` run.
    pub fn verdict(self, strict: bool) -> Verdict {
        match self {
            Self { fail: 1.., .. } | Self { xpass: 1.., .. } => Verdict::Fail,
            Self { skip: 1.., .. } if strict => Verdict::Fail,
            Self { error: 1.., .. } | Self { pass: 0, xfail: 0, .. } => Verdict::Error,
            _ => Verdict::Pass,
        }
    }
}

impl RunEnded {
    /// Returns the exit code of the run.
    pub fn exit_code(&self) -> u8 {
        exit_code(self.interrupted, self.verdict)
    }
}

/// Returns the exit code of a run: 0 if it passed, 1 if it failed, 2 if it could not judge, 130 if it was
/// interrupted.
pub fn exit_code(interrupted: bool, verdict: Verdict) -> u8 {
    match (interrupted, verdict) {
        (true, _) => 130,
        (_, Verdict::Pass | Verdict::Xfail) => 0,
        (_, Verdict::Fail | Verdict::Xpass) => 1,
        (_, Verdict::Error | Verdict::Skip) => 2,
    }
}
