//! How patient the client is.

use std::{fmt::Debug, pin::Pin, sync::Arc, time::Duration};

/// What waits between two attempts.
pub type Wait = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How patient the client is, and how much it reads.
#[derive(Clone)]
pub struct Options {
    /// The time for one attempt, the body included.
    pub timeout: Duration,
    /// The number of attempts of a read. Writes are made once.
    pub attempts: u32,
    /// The longest `Retry-After` that a read waits for.
    pub max_wait: Duration,
    /// The largest body of an answer, in bytes.
    pub max_body: usize,
    /// The largest file that is read, in bytes.
    pub max_file: usize,
    /// The largest number of pages of one list.
    pub max_pages: u32,
    /// The most that all pages of one list may have together, in bytes.
    pub max_list: usize,
    /// What waits between two attempts.
    pub wait: Wait,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            attempts: 4,
            max_wait: Duration::from_secs(60),
            max_body: 8 << 20,
            max_file: 1 << 20,
            max_pages: 400,
            max_list: 64 << 20,
            wait: Arc::new(|pause| Box::pin(tokio::time::sleep(pause))),
        }
    }
}

impl Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { timeout, attempts, max_wait, max_body, max_file, max_pages, max_list, wait: _ } = self;
        let mut debug = formatter.debug_struct("Options");
        debug.field("timeout", timeout).field("attempts", attempts).field("max_wait", max_wait);
        debug.field("max_body", max_body).field("max_file", max_file).field("max_pages", max_pages);
        debug.field("max_list", max_list);
        debug.finish_non_exhaustive()
    }
}
