//! The command line of `coalmine gate`.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use crate::commands::LintArguments;

/// From a verdict to a required check.
#[derive(Debug, Subcommand)]
pub(crate) enum GateCommand {
    /// Check workflow files for what breaks a gate without anybody noticing
    Lint(LintArguments),
    /// Compare what repositories require with what their pull requests really get
    Doctor {
        #[command(flatten)]
        fleet: FleetArguments,
        /// The repositories; without one, the whole fleet
        #[arg(value_name = "REPO")]
        repositories: Vec<String>,
        /// How many pull requests are looked at, the newest first
        #[arg(long, default_value_t = 20, value_name = "N")]
        pulls: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Open the pull request that brings the gate to a repository
    Onboard {
        #[command(flatten)]
        fleet: FleetArguments,
        /// The repositories
        #[arg(required = true, value_name = "REPO")]
        repositories: Vec<String>,
        /// Show what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        evidence: EvidenceArguments,
    },
    /// Show where the fleet stands, what is next, and who has to do it
    Status {
        #[command(flatten)]
        fleet: FleetArguments,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        evidence: EvidenceArguments,
    },
    /// Require the gate on the default branch, if it has proven itself
    Require {
        #[command(flatten)]
        fleet: FleetArguments,
        /// The repository
        #[arg(value_name = "REPO")]
        repository: String,
        /// Change the protection; without it, only the proof and the change are shown
        #[arg(long)]
        yes: bool,
        /// Where the proof is written
        #[arg(long, default_value = "gate-proof.json", value_name = "FILE")]
        proof: Utf8PathBuf,
        #[command(flatten)]
        evidence: EvidenceArguments,
    },
    /// Stop requiring the gate
    Unrequire {
        #[command(flatten)]
        fleet: FleetArguments,
        /// The repository
        #[arg(value_name = "REPO")]
        repository: String,
        /// Why; it is printed, for the record
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Change the protection; without it, the change is only shown
        #[arg(long)]
        yes: bool,
    },
    /// Open a pull request in a quiet repository, so that the gate runs there; close it afterwards
    Exercise {
        #[command(flatten)]
        fleet: FleetArguments,
        /// The repository
        #[arg(value_name = "REPO")]
        repository: String,
        /// How many minutes the gate has to end
        #[arg(long, default_value_t = 30, value_name = "MINUTES")]
        wait: u64,
    },
    /// Write the verdict of a run as one comment on a pull request, and update it the next time
    Comment {
        #[command(flatten)]
        fleet: FleetArguments,
        /// The repository
        #[arg(long, value_name = "REPO")]
        repository: String,
        /// The number of the pull request
        #[arg(long, value_name = "N")]
        pull: u64,
        /// Whose comments are one's own, if the token may not ask: the login of a bot
        #[arg(long, value_name = "LOGIN")]
        author: Option<String>,
        /// The folder of the run
        #[arg(value_name = "DIR")]
        folder: Utf8PathBuf,
    },
}

/// Which fleet it is.
#[derive(Debug, Args)]
pub(crate) struct FleetArguments {
    /// The file about the fleet. The token is taken from COALMINE_FORGE_TOKEN
    #[arg(long, default_value = "fleet.toml", value_name = "FILE")]
    pub(crate) fleet: Utf8PathBuf,
}

/// What counts as evidence.
#[derive(Debug, Args)]
pub(crate) struct EvidenceArguments {
    /// How many pull requests are looked at, the newest first
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) pulls: usize,
    /// Count green statuses that no run proves, on a forge that lists no runs: anybody with write access can post one
    #[arg(long)]
    pub(crate) trust_statuses: bool,
}
