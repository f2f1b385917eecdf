//! Whether other canaries run at the same time.

/// Whether other canaries run at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concurrency {
    /// Nothing else goes on.
    Alone,
    /// Other canaries run at the same time.
    Shared,
}

impl Concurrency {
    /// Returns a suffix for contexts and for files that are set aside: a canary that is run again alone begins
    /// new ones.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Alone => "",
            Self::Shared => "-beside-others",
        }
    }
}
