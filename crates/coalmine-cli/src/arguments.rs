//! The command line.

mod attest;
mod gate;
mod run;
mod selftest;

use std::{net::SocketAddr, str::FromStr};

pub(crate) use attest::{AttestArguments, VerifyArguments};
use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum, builder::styling::Styles};
use clap_complete::Shell;
use coalmine_report::{ComparisonFormat, Format};
use coalmine_world::ModelFault;
pub(crate) use gate::{EvidenceArguments, FleetArguments, GateCommand};
pub(crate) use run::{CiChoice, OwnCanaries, RunArguments};
pub(crate) use selftest::SelftestArguments;

use crate::commands::InitArguments;

/// A format of a report, and the file that it goes to; without one, stdout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormatTo<F> {
    pub(crate) format: F,
    pub(crate) file: Option<Utf8PathBuf>,
}

impl<F: FromStr<Err = String>> FromStr for FormatTo<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("expected a file or `-` after `=`".to_owned()),
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(Utf8PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { format: name.parse()?, file })
    }
}

/// Session-continuity canaries for agent runtimes that speak A2A.
#[derive(Debug, Parser)]
#[command(
    name = "coalmine",
    version,
    about,
    long_about = "Boots an agent runtime as customers run it, talks to it over A2A as a platform does, and reports \
                  whether conversations survive. If not, it names the layer that broke, with evidence.",
    after_help = "Exit codes: 0 if all canaries passed, 1 if a canary or a finding failed the run, 2 if coalmine could not judge (usage, \
                  engine, boot, crash), 130 if interrupted.",
    styles = Styles::styled(),
    max_term_width = 110
)]
pub(crate) struct Arguments {
    /// When to use color
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
    /// List canaries, profiles or faults
    #[command(subcommand)]
    List(ListCommand),
    /// Explain a code of a diagnosis or a finding: its meaning, usual causes, and how to fix it
    Explain {
        /// The code, such as `prompt.history-missing`; without one, all codes are listed
        code: Option<String>,
    },
    /// Create a file of your own
    #[command(subcommand)]
    New(NewCommand),
    /// Check canary and profile files without running them
    Check {
        /// TOML files, or folders that contain them. Canaries are also checked against each other and the
        /// built-in ones
        #[arg(required = true, value_name = "FILE|DIR")]
        files: Vec<Utf8PathBuf>,
    },
    /// Bring the gate to a template repository: write its `coalmine.toml` and its workflow
    Init(InitArguments),
    /// What scripts ask about a folder with `coalmine.toml`
    #[command(subcommand, hide = true)]
    Project(ProjectCommand),
    /// Try the canaries on the reference runtime under every known fault: each fault must be found, for the right reason, and
    /// nothing else
    #[command(
        after_help = "Exit codes: 0 if every fault was found as declared and the correct runtime is green, 1 if not, 2 if a run could \
                      not be judged, 130 if interrupted."
    )]
    Selftest(SelftestArguments),
    /// Serve the reference runtime or the simulated world on its own
    #[command(subcommand)]
    Serve(ServeCommand),
    /// Rebuild the reports of a finished run from its events
    Report {
        /// The folder of the run
        #[arg(value_name = "DIR")]
        folder: Utf8PathBuf,
        /// List every canary, even if stderr is not a terminal
        #[arg(long, short)]
        verbose: bool,
        /// Write the run as `line`, `badge` (SVG), `markdown`, `junit`, `html`, `json` or `codequality` (GitLab), to stdout (`-`)
        /// or a file, instead of showing it; may be repeated
        #[arg(long, value_name = "NAME[=PATH|-]")]
        format: Vec<FormatTo<Format>>,
    },
    /// Compare two runs: what regressed, what improved, what is judged no longer. The exit code is 1 only if something
    /// regressed
    Compare {
        /// The run that came first: its folder, or its `summary.json`
        #[arg(value_name = "OLD")]
        old: Utf8PathBuf,
        /// The run that is compared with it; it may be of another target
        #[arg(value_name = "NEW")]
        new: Utf8PathBuf,
        /// Also fail (exit code 1) if a canary that the old run judged is judged no longer
        #[arg(long)]
        strict: bool,
        /// Write the comparison as `text`, `markdown`, `json` or `html`, to stdout (`-`) or a file; `text` by default; may be
        /// repeated
        #[arg(long, value_name = "NAME[=PATH|-]")]
        format: Vec<FormatTo<ComparisonFormat>>,
    },
    /// Merge the shards of a run (`--shard K/N`) into one run with one verdict
    Merge {
        /// The folders of all shards
        #[arg(value_name = "DIR", required = true)]
        folders: Vec<Utf8PathBuf>,
        /// The folder for the merged run, which must be empty; `coalmine-out/<run id>` by default
        #[arg(long, value_name = "DIR")]
        out: Option<Utf8PathBuf>,
        /// List every canary, even if stderr is not a terminal
        #[arg(long, short)]
        verbose: bool,
        /// Also write the run in another format, as `coalmine report` does; may be repeated
        #[arg(long, value_name = "NAME[=PATH|-]")]
        format: Vec<FormatTo<Format>>,
    },
    /// Write down what is known to be broken, so that `coalmine run --baseline` fails only on what is worse
    Baseline {
        /// The run: its folder, or its `summary.json`
        #[arg(value_name = "DIR")]
        run: Utf8PathBuf,
        /// The file to write, or `-` for stdout; an existing file is overwritten
        #[arg(long, short, value_name = "FILE", default_value = "-")]
        output: Utf8PathBuf,
    },
    /// Make the verdict a required check on template repositories
    #[command(subcommand)]
    Gate(GateCommand),
    /// Decide whether an image is accepted, by a statement that `run --attest` wrote
    #[command(
        after_help = "Exit codes: 0 if the image is accepted, 1 if it is rejected, 2 if the statement cannot be read."
    )]
    Verify(Box<VerifyArguments>),
    /// Remove what killed runs left behind, and what `--keep` kept
    Clean {
        /// Also remove the folders of all finished runs from `coalmine-out`
        #[arg(long)]
        runs: bool,
    },
    /// Print the JSON Schema of a file format
    Schema {
        /// The file format
        #[arg(value_enum)]
        name: SchemaName,
    },
    /// Print the completion script of a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the man page
    Man,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ListCommand {
    /// List the canaries, in the order in which they run
    Canaries {
        #[command(flatten)]
        own: OwnCanaries,
        #[command(flatten)]
        json: Json,
    },
    /// List the built-in profiles
    Profiles(Json),
    /// List the faults of the reference runtime, with the canaries that each of them fails
    Faults(Json),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Print the arguments of `docker build` for the images that a run would judge: words that end with a NUL, and an
    /// empty word after each image
    Builds {
        /// The checkout of the base branch
        #[arg(long, value_name = "DIR")]
        base: Option<Utf8PathBuf>,
        /// The name of the images; a number becomes their tag
        #[arg(long, value_name = "PREFIX")]
        tag: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewCommand {
    /// Create a canary that passes, with a comment on every key
    Canary {
        /// The id of the canary: lower-case letters, digits and hyphens
        id: String,
        /// The file to write, or `-` for stdout; `<id>.toml` by default. An existing file is not overwritten
        #[arg(long, value_name = "FILE")]
        to: Option<Utf8PathBuf>,
    },
    /// Create a profile, with a comment on every key
    Profile {
        /// The name, or the file to write, or `-` for stdout; NAME writes `NAME.toml`. An existing file is not
        /// overwritten
        #[arg(value_name = "NAME|FILE", default_value = "my-agent")]
        to: String,
        /// Fill in what a finished run says: what it judged, and the lines without which canaries were skipped. If the run
        /// used a profile file, the new profile begins as a copy of it
        #[arg(long, value_name = "DIR")]
        from_run: Option<Utf8PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Json {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServeCommand {
    /// Serve the reference runtime; docs/reference-runtime.md lists its variables
    Runtime {
        /// The address to listen on; port 0 picks a free one. The first line on stdout is the address
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Switch on a fault
        #[arg(long, value_name = "ID")]
        fault: Option<String>,
        /// Stop when stdin is closed; a run uses this to stop its child process
        #[arg(long, hide = true)]
        until_stdin_ends: bool,
    },
    /// Serve the simulated world: model provider and control plane, with the rules of all built-in canaries
    World {
        /// The address to listen on; port 0 picks a free one. The first line on stdout is the address
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Inject a fault into every answer of the simulated model: `429`, `429:2s`, `500`, `529`, `cut`,
        /// `reset`, `slow-first:2s` or `slow-words:100ms`
        #[arg(long, value_name = "FAULT")]
        model_fault: Option<ModelFault>,
        /// Write every call into this file, one JSON object per line; an existing file is overwritten
        #[arg(long, value_name = "FILE")]
        journal: Option<Utf8PathBuf>,
        /// Answer requests that a real provider rejects, as far as they can be read, and record each in the
        /// journal
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
    Lint,
    Attestation,
    Comparison,
    Baseline,
    Project,
    Fleet,
}
