//! One run of a canary.

use std::fmt;

use super::Concurrency;

/// One run of a canary: names its conversations and its evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CanaryRun<'a> {
    /// The canary's id.
    pub(crate) canary: &'a str,
    /// The round, from 1.
    pub(crate) round: u32,
    pub(crate) concurrency: Concurrency,
    /// Which of several attempts of the round it is.
    pub(crate) attempt: Attempt,
}

/// Why a canary is run in a round. Each attempt has conversations and files of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// To judge it.
    Verdict,
    /// To see whether a conversation goes on over many connections.
    ManyConnections,
    /// To see whether it would go on over a single connection.
    OneConnection,
}

impl CanaryRun<'_> {
    /// Returns the name of a conversation, unique in the whole run.
    pub(crate) fn context(&self, name: &str) -> String {
        format!("{self}{}/{name}", self.concurrency.suffix())
    }
}

impl fmt::Display for CanaryRun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.canary)?;
        if self.round > 1 {
            write!(f, "-round-{}", self.round)?;
        }
        f.write_str(match self.attempt {
            Attempt::Verdict => "",
            Attempt::ManyConnections => "-many-connections",
            Attempt::OneConnection => "-one-connection",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_contexts_of_its_own() {
        let run = |round, concurrency, attempt| {
            CanaryRun { canary: "recall", round, concurrency, attempt }.context("a")
        };
        assert_eq!(run(1, Concurrency::Alone, Attempt::Verdict), "recall/a");
        assert_eq!(run(1, Concurrency::Shared, Attempt::Verdict), "recall-beside-others/a");
        assert_eq!(run(2, Concurrency::Alone, Attempt::Verdict), "recall-round-2/a");
        assert_eq!(run(1, Concurrency::Alone, Attempt::OneConnection), "recall-one-connection/a");
    }
}
