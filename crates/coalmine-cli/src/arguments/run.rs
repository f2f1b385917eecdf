//! The command line of `coalmine run`.

use camino::Utf8PathBuf;
use clap::{ArgGroup, Args, ValueEnum};
use coalmine::{
    deploy::PullPolicy,
    event::{Level, ModelMode, Severity},
    plan::DialectChoice,
};
use coalmine_report::Format;
use coalmine_world::ModelFault;

use super::{AttestArguments, FormatTo};
use crate::shards::ShardChoice;

#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("target").args(["image", "cmd", "url"]))]
pub(crate) struct RunArguments {
    /// Judge a container image
    #[arg(long, help_heading = "Target")]
    pub(crate) image: Option<String>,
    /// Judge a local command, for code you trust: it runs with your rights. `{port}`, `{world}`, `{state}` and
    /// `{memory}` are filled in
    #[arg(long, value_name = "COMMAND", help_heading = "Target")]
    pub(crate) cmd: Option<String>,
    /// Judge a runtime that is already running
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub(crate) url: Option<String>,
    /// How the runtime is booted and what it promises: a built-in profile, or a file
    #[arg(long, value_name = "NAME|FILE", help_heading = "Target")]
    pub(crate) profile: Option<String>,
    /// Switch on a fault of the reference runtime
    #[arg(long, value_name = "ID", conflicts_with_all = ["cmd", "url"], help_heading = "Target")]
    pub(crate) fault: Option<String>,
    /// Set variables of the runtime from a file of `NAME=VALUE` lines; the values are redacted in all output
    #[arg(long, value_name = "FILE", conflicts_with = "url", help_heading = "Target")]
    pub(crate) env_file: Vec<Utf8PathBuf>,
    /// Set a variable of the runtime, or pass on yours of that name; overrides the profile and `--env-file`
    #[arg(long, short, value_name = "NAME[=VALUE]", conflicts_with = "url", help_heading = "Target")]
    pub(crate) env: Vec<String>,
    /// Pass on a variable of coalmine's own environment whose value is redacted in all output, whatever its name;
    /// a value of fewer than 4 characters, a switch such as `true` and a number of fewer than 8 digits are not
    #[arg(long, value_name = "NAME", conflicts_with = "url", help_heading = "Target")]
    pub(crate) secret_env: Vec<String>,
    /// Run the command in a sandbox (bubblewrap): namespaces of its own, only `{state}` writable, your network
    #[arg(long, conflicts_with_all = ["image", "url", "keep"], help_heading = "Target")]
    pub(crate) sandbox: bool,
    /// The port on which the runtime listens inside its container
    #[arg(long, requires = "image", help_heading = "Target")]
    pub(crate) port: Option<u16>,
    /// When the image is pulled
    #[arg(long, value_enum, default_value_t = PullPolicy::Missing, value_name = "WHEN", help_heading = "Target")]
    pub(crate) pull: PullPolicy,

    /// The checkout of the base branch of a pull request: `coalmine.toml` and the files that it names count as they are
    /// there. If the pull request changes them, it is judged with both
    #[arg(long, value_name = "DIR", conflicts_with_all = ["cmd", "url"], help_heading = "Target")]
    pub(crate) base: Option<Utf8PathBuf>,
    /// The images of `coalmine.toml` are built already, by what `coalmine project builds --tag PREFIX` printed
    #[arg(long, value_name = "PREFIX", conflicts_with_all = ["cmd", "url", "image"], help_heading = "Target", hide = true)]
    pub(crate) built: Option<String>,

    /// Run only these canaries
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', help_heading = "Run")]
    pub(crate) canary: Vec<String>,
    /// Do not run these canaries
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', help_heading = "Run")]
    pub(crate) skip: Vec<String>,
    /// Run only the canaries that failed or could not be judged in the last run (`coalmine-out/latest`)
    #[arg(long, conflicts_with = "canary", help_heading = "Run")]
    pub(crate) last_failed: bool,
    /// Skip the rest after the first canary that fails or cannot be judged
    #[arg(long, help_heading = "Run")]
    pub(crate) fail_fast: bool,
    /// Run only canaries of these levels
    #[arg(long, value_enum, value_name = "LEVEL", num_args = 1.., value_delimiter = ',', help_heading = "Run")]
    pub(crate) only: Vec<Level>,
    #[command(flatten)]
    pub(crate) own: OwnCanaries,
    /// Fail only on what is worse than a baseline (`coalmine baseline`): a canary that fails and did not fail there with the
    /// same code, and one that passed there and is skipped. What cannot be judged is never excused, and neither is a finding
    #[arg(long, value_name = "FILE", help_heading = "Run")]
    pub(crate) baseline: Option<Utf8PathBuf>,
    /// Run part K of N; `coalmine merge` gives the verdict of all parts. The parts take about the same time, as far as the
    /// baseline says how long canaries take
    #[arg(long, value_name = "K/N", requires = "seed", help_heading = "Run")]
    pub(crate) shard: Option<ShardChoice>,
    /// Run each canary this many times, with fresh facts each time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = "Run")]
    pub(crate) repeat: Option<u32>,
    /// The smallest share of a canary's rounds that must pass, such as `0.95`; all by default
    #[arg(long, value_name = "SHARE", requires = "repeat", value_parser = share, help_heading = "Run")]
    pub(crate) min_pass: Option<f64>,
    /// Fail the run (exit code 1) if a canary is skipped or anything is found; what is found about this machine
    /// (`run.host-reachable`, `run.swept`) never fails a run
    #[arg(long, help_heading = "Run")]
    pub(crate) strict: bool,
    /// Whether findings fail the run (exit code 1). What fails only beside other conversations always does;
    /// `--strict` sets this to `fail`
    #[arg(long, value_enum, default_value_t = Severity::Warn, value_name = "SEVERITY", help_heading = "Run")]
    pub(crate) findings: Severity,
    /// The number of parallel conversations for `each` turns, such as those of `isolation`
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=2000), help_heading = "Run")]
    pub(crate) contexts: u32,
    /// Inject a fault into every answer of the simulated model: `429`, `429:2s`, `500`, `529`, `cut`,
    /// `reset`, `slow-first:2s` or `slow-words:100ms`
    #[arg(long, value_name = "FAULT", help_heading = "Run")]
    pub(crate) model_fault: Option<ModelFault>,
    /// How many canaries run in parallel, if they cannot disturb each other; the verdicts are the same
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = jobs, help_heading = "Run")]
    pub(crate) jobs: usize,
    /// Draw the same facts as an earlier run
    #[arg(long, value_name = "N", help_heading = "Run")]
    pub(crate) seed: Option<u64>,
    /// The model that answers the runtime
    #[arg(long, value_enum, default_value_t = ModelMode::Simulated, help_heading = "Run")]
    pub(crate) model: ModelMode,
    /// Answer requests that a real model provider rejects, as far as they can be read, and report each as a
    /// finding
    #[arg(long, help_heading = "Run")]
    pub(crate) lenient: bool,
    /// The A2A dialect to speak
    #[arg(long, value_enum, default_value_t = DialectChoice::Auto, help_heading = "Run")]
    pub(crate) dialect: DialectChoice,
    /// The address on which the simulated world listens, such as `127.0.0.1:8090`, so that a running runtime
    /// can be pointed at it
    #[arg(long, value_name = "HOST:PORT", help_heading = "Run")]
    pub(crate) world: Option<String>,
    /// The longest wait until the runtime is ready, such as `90s`; by default 60 s for an image, 30 s for a
    /// command and 10 s otherwise
    #[arg(long, value_name = "TIME", help_heading = "Run")]
    pub(crate) timeout: Option<String>,
    /// The longest that a turn may take, such as `2m`; 30 s by default
    #[arg(long, value_name = "TIME", help_heading = "Run")]
    pub(crate) turn_timeout: Option<String>,
    /// The id of the run; made from the time by default
    #[arg(long, value_name = "ID", env = "CANARY_RUN_ID", hide_env_values = true, help_heading = "Run")]
    pub(crate) run_id: Option<String>,

    /// The folder for all files of the run, which must be empty; `coalmine-out/<run id>` by default
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) out: Option<Utf8PathBuf>,
    /// Keep the runtime running after the run
    #[arg(long, help_heading = "Output")]
    pub(crate) keep: bool,
    /// Print `summary.json` on stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Also write the run as `line`, `badge` (SVG), `markdown`, `junit`, `html`, `json` or `codequality` (GitLab), to stdout (`-`)
    /// or a file; may be repeated
    #[arg(long, value_name = "NAME[=PATH|-]", help_heading = "Output")]
    pub(crate) format: Vec<FormatTo<Format>>,
    /// Print nothing unless something fails
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// List every canary, even if stderr is not a terminal
    #[arg(long, short, conflicts_with = "quiet", help_heading = "Output")]
    pub(crate) verbose: bool,
    /// The CI system in whose log a red run is annotated; `auto` finds it by the environment
    #[arg(long, value_enum, default_value_t = CiChoice::Auto, value_name = "SYSTEM", help_heading = "Output")]
    pub(crate) ci: CiChoice,
    #[command(flatten)]
    pub(crate) attest: AttestArguments,
}

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CiChoice {
    Auto,
    Github,
    Gitea,
    Gitlab,
    None,
}

/// Parses a number from 1 to 64.
fn jobs(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|jobs| (1..=64).contains(jobs))
        .ok_or_else(|| "expected a number from 1 to 64".to_owned())
}

/// Canaries that are added to the built-in ones.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OwnCanaries {
    /// Add canaries of your own, after the built-in ones: a file, or a folder that contains them
    #[arg(long, value_name = "DIR|FILE", help_heading = "Run")]
    pub(crate) canaries: Vec<Utf8PathBuf>,
}

/// Parses a share above 0 and up to 1.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| "expected a number above 0 and up to 1, such as `0.95`".to_owned())
}
