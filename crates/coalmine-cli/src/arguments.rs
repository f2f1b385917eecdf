//! The command line.

use std::net::SocketAddr;

use camino::Utf8PathBuf;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum, builder::styling::Styles};
use clap_complete::Shell;
use coalmine::{
    deploy::PullPolicy,
    event::{Level, ModelMode},
    plan::DialectChoice,
};
use coalmine_world::ModelFault;

/// Session-continuity canaries for agent runtimes that speak A2A.
#[derive(Debug, Parser)]
#[command(
    name = "coalmine",
    version,
    about,
    long_about = "Boots an agent runtime as customers would run it, talks to it over A2A as a platform would, and says \
                  whether conversations survive; if not, at which layer they broke, with the proof.",
    after_help = "Exit codes: 0 all passed, 1 at least one canary failed, 2 could not judge (usage, engine, boot, \
                  crash), 130 interrupted.",
    styles = Styles::styled(),
    max_term_width = 110
)]
pub(crate) struct Arguments {
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a runtime: the embedded reference runtime, or the one you name
    Run(Box<RunArguments>),
    /// List what there is
    #[command(subcommand)]
    List(ListCommand),
    /// Explain a diagnosis code: what it means, usual causes, how to fix it, how to see it yourself
    Explain {
        /// Such as `prompt.history-missing`; all codes are listed where none is given
        code: Option<String>,
    },
    /// Begin a file of your own
    #[command(subcommand)]
    New(NewCommand),
    /// Check canary or profile files without running them, and canaries against the built-in ones and each other
    Check {
        /// TOML files, or folders of them
        #[arg(required = true, value_name = "FILE|DIR")]
        files: Vec<Utf8PathBuf>,
    },
    /// Serve a part of coalmine alone
    #[command(subcommand)]
    Serve(ServeCommand),
    /// Make the reports of a finished run again from its events
    Report {
        /// The run's folder
        #[arg(value_name = "DIR")]
        folder: Utf8PathBuf,
    },
    /// Remove what killed runs left behind and what `--keep` kept
    Clean,
    /// Print a JSON Schema of a file format
    Schema {
        /// Which one
        #[arg(value_enum)]
        name: SchemaName,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which one
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the man page
    Man,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("target").args(["image", "cmd", "url"]))]
pub(crate) struct RunArguments {
    /// Judge a container image
    #[arg(long, help_heading = "Target")]
    pub(crate) image: Option<String>,
    /// Judge a local command; `{port} {world} {state} {memory}` are filled in and set as variables as well
    #[arg(long, value_name = "COMMAND", help_heading = "Target")]
    pub(crate) cmd: Option<String>,
    /// Judge something that is running already
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub(crate) url: Option<String>,
    /// How the runtime is booted and what it promises: a built-in profile or a file
    #[arg(long, value_name = "NAME|FILE", help_heading = "Target")]
    pub(crate) profile: Option<String>,
    /// Switch on a fault of the reference runtime
    #[arg(long, value_name = "ID", conflicts_with_all = ["cmd", "url"], help_heading = "Target")]
    pub(crate) fault: Option<String>,
    /// Set variables of the runtime from a file of `NAME=VALUE` lines; the values are redacted in all that is written
    #[arg(long, value_name = "FILE", conflicts_with = "url", help_heading = "Target")]
    pub(crate) env_file: Vec<Utf8PathBuf>,
    /// Set a variable of the runtime, over what the profile and `--env-file` say
    #[arg(long, short, value_name = "NAME=VALUE", conflicts_with = "url", help_heading = "Target")]
    pub(crate) env: Vec<String>,
    /// The port on which the runtime listens inside its container
    #[arg(long, requires = "image", help_heading = "Target")]
    pub(crate) port: Option<u16>,
    /// Whether the image may be fetched
    #[arg(long, value_enum, default_value_t = PullPolicy::Missing, value_name = "WHEN", help_heading = "Target")]
    pub(crate) pull: PullPolicy,

    /// Run only these canaries
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', help_heading = "Run")]
    pub(crate) canary: Vec<String>,
    /// Run only canaries of these levels
    #[arg(long, value_enum, value_name = "LEVEL", num_args = 1.., value_delimiter = ',', help_heading = "Run")]
    pub(crate) only: Vec<Level>,
    #[command(flatten)]
    pub(crate) own: OwnCanaries,
    /// Take each canary so many times, with fresh facts each time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = "Run")]
    pub(crate) repeat: Option<u32>,
    /// The least share of a canary's rounds that must pass, such as `0.95` (all, where nothing is said)
    #[arg(long, value_name = "SHARE", requires = "repeat", value_parser = share, help_heading = "Run")]
    pub(crate) min_pass: Option<f64>,
    /// Let the run fail (exit code 1) where a canary is skipped
    #[arg(long, help_heading = "Run")]
    pub(crate) strict: bool,
    /// In how many contexts at once `each` turns are taken, such as those of `isolation`
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=2000), help_heading = "Run")]
    pub(crate) contexts: u32,
    /// What every answer of the model suffers from in this run: `429`, `429:2s`, `500`, `529`, `cut`, `reset`,
    /// `slow-first:2s`, `slow-words:100ms`
    #[arg(long, value_name = "WHAT", help_heading = "Run")]
    pub(crate) model_fault: Option<ModelFault>,
    /// How many canaries are run at once, where they cannot disturb each other; the verdicts are the same
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = jobs, help_heading = "Run")]
    pub(crate) jobs: usize,
    /// Draw the facts of an earlier run again
    #[arg(long, value_name = "N", help_heading = "Run")]
    pub(crate) seed: Option<u64>,
    /// Who answers as the model
    #[arg(long, value_enum, default_value_t = ModelMode::Simulated, help_heading = "Run")]
    pub(crate) model: ModelMode,
    /// Answer what a real model provider refuses, as well as it can be read, and report it as a finding
    #[arg(long, help_heading = "Run")]
    pub(crate) lenient: bool,
    /// The A2A dialect to speak
    #[arg(long, value_enum, default_value_t = DialectChoice::Auto, help_heading = "Run")]
    pub(crate) dialect: DialectChoice,
    /// Where the simulated world listens, such as `127.0.0.1:8090`, so that a runtime can be pointed there beforehand
    #[arg(long, value_name = "HOST:PORT", help_heading = "Run")]
    pub(crate) world: Option<String>,
    /// The longest wait for the runtime, such as `90s` (10 s embedded and for a URL, 30 s for a command, 60 s for an image)
    #[arg(long, value_name = "TIME", help_heading = "Run")]
    pub(crate) timeout: Option<String>,
    /// The longest that a turn may take
    #[arg(long, value_name = "TIME", help_heading = "Run")]
    pub(crate) turn_timeout: Option<String>,
    /// Name of the run; made up where none is given
    #[arg(long, value_name = "ID", env = "CANARY_RUN_ID", hide_env_values = true, help_heading = "Run")]
    pub(crate) run_id: Option<String>,

    /// The folder for everything that is written about this run; `coalmine-out/<run id>` where none is given
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) out: Option<Utf8PathBuf>,
    /// Leave the runtime running afterwards
    #[arg(long, help_heading = "Output")]
    pub(crate) keep: bool,
    /// Print `summary.json` on stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Say nothing while all is well
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
}

fn jobs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|jobs| (1..=64).contains(jobs)).ok_or_else(|| "a number from 1 to 64".to_owned())
}

/// Canaries beside the built-in ones.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OwnCanaries {
    /// Add canaries of your own, after the built-in ones: a file, or a folder of them
    #[arg(long, value_name = "DIR|FILE", help_heading = "Run")]
    pub(crate) canaries: Vec<Utf8PathBuf>,
}

/// A share from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| "a share is above 0 and at most 1, such as `0.95`".to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum ListCommand {
    /// The canaries, in the order in which they run
    Canaries {
        #[command(flatten)]
        own: OwnCanaries,
        #[command(flatten)]
        json: Json,
    },
    /// The built-in profiles
    Profiles(Json),
    /// The faults of the reference runtime, with the canaries that each turns red
    Faults(Json),
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewCommand {
    /// A canary that passes as it is, with a word on every key
    Canary {
        /// Its id: lower-case letters, digits and hyphens
        id: String,
        /// Where to write it, `-` for stdout; `<id>.toml` where nothing is said. A file that is there is never overwritten
        #[arg(long, value_name = "FILE")]
        to: Option<Utf8PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Json {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServeCommand {
    /// The reference runtime; its variables are in docs/reference-runtime.md
    Runtime {
        /// Where to listen; port 0 takes a free one. The address is the first line on stdout
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Switch on a fault
        #[arg(long, value_name = "ID")]
        fault: Option<String>,
        /// End when stdin ends: for whoever starts this as a child
        #[arg(long, hide = true)]
        until_stdin_ends: bool,
    },
    /// The simulated world: model provider and control plane, with the rules of all built-in canaries
    World {
        /// Where to listen; port 0 takes a free one. The address is the first line on stdout
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// What every answer of the model suffers from: `429`, `429:2s`, `500`, `529`, `cut`, `reset`, `slow-first:2s`,
        /// `slow-words:100ms`
        #[arg(long, value_name = "WHAT")]
        model_fault: Option<ModelFault>,
        /// Write every call into this file, one JSON object a line; what it held before is lost
        #[arg(long, value_name = "FILE")]
        journal: Option<Utf8PathBuf>,
        /// Answer what a real provider refuses, as well as it can be read, and tell it in the journal
        #[arg(long)]
        lenient: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    Canary,
    Profile,
    Event,
    Summary,
}
