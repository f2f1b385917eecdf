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
        if self.round > 1 { write!(f, "-round-{}", self.round) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_contexts_of_its_own() {
        let run = |round, concurrency| CanaryRun { canary: "recall", round, concurrency };
        assert_eq!(run(1, Concurrency::Alone).context("a"), "recall/a");
        assert_eq!(run(1, Concurrency::Shared).context("a"), "recall~/a");
        assert_eq!(run(2, Concurrency::Alone).context("a"), "recall-round-2/a");
    }
}
