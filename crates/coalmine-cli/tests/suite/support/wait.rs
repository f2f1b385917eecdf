//! Waiting for a condition, within a bound.

use std::time::Duration;

/// The longest that a test waits for a condition.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(180);

/// The interval at which a condition is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Polls until the probe succeeds. Panics with its last error if it never does.
pub(crate) async fn until<T>(what: &str, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let mut last = String::new();
    let polling = async {
        let mut ticks = tokio::time::interval(POLL_INTERVAL);
        loop {
            ticks.tick().await;
            match probe() {
                Ok(found) => return found,
                Err(seen) => last = seen,
            }
        }
    };
    match tokio::time::timeout(TIMEOUT, polling).await {
        Ok(found) => found,
        Err(_) => panic!("waited too long for {what}; last seen: {last}"),
    }
}

/// Returns the result of some work, or panics if it takes too long.
pub(crate) async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(TIMEOUT, work).await.unwrap_or_else(|_| panic!("waited too long for {what}"))
}
