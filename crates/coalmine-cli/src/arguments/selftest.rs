//! The command line of `coalmine selftest`.

use clap::Args;

#[derive(Debug, Clone, Args)]
pub(crate) struct SelftestArguments {
    /// Try only these faults
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', conflicts_with = "clean")]
    pub(crate) fault: Vec<String>,
    /// Try each fault only on the canaries that must find it. A canary that fails and should not is then not noticed
    #[arg(long, conflicts_with = "clean")]
    pub(crate) fast: bool,
    /// Judge the correct runtime this many times instead, each time with other facts and slowed down in another way: model,
    /// disk, start and processor. Nothing may fail
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) clean: Option<u32>,
    /// How many runs at once; one for each processor by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: Option<u16>,
    /// The seed from which facts are drawn: the same seed gives the same result
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print the result as JSON, in one object with `totals`
    #[arg(long)]
    pub(crate) json: bool,
}
