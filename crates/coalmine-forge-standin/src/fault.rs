//! What can go wrong with a forge.

use std::time::Duration;

/// A fault. It holds for a number of requests, or until it is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends without an answer.
    Down,
    /// A page for people with status 200, as a login page or a proxy sends it.
    Html,
    /// The right answer, cut in the middle, with the right status and length.
    Truncated,
    /// The right answer, but the connection ends in its middle.
    Cut,
    /// 429 with `Retry-After`.
    RateLimited(Duration),
    /// 429 without `Retry-After`.
    RateLimitedSilently,
    /// This status with a message.
    Status(u16),
    /// No answer at all, while the connection stays open.
    Slow,
    /// A body that does not end.
    Endless,
    /// Each page of a list has entries with new ids, and says that there are more.
    EndlessPages,
    /// The right answer, but a list in it lacks its last entry.
    ShortList,
    /// A redirect to this server's own `/elsewhere`.
    Redirect,
    /// JSON that is not what the API promises.
    Nonsense,
    /// The right answer to every write, and 503 to every read after the first write.
    DownAfterWrite,
    /// Somebody protects a branch of Gitea right before a rule for it is created.
    ProtectionAppears,
    /// Somebody changes `required_approvals` after the protection was read this many times.
    ProtectionChanges {
        /// The number of reads before.
        after_reads: u32,
    },
    /// Somebody switches `strict` of GitHub's required checks after the protection was read this many times.
    StrictChanges {
        /// The number of reads before.
        after_reads: u32,
    },
}
