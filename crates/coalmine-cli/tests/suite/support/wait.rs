//! Waiting for a condition, within a bound.

use std::time::Duration;

/// The longest that any test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// How often a condition that nobody announces is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Asks until there is something; the error of the last look is shown when it never comes.
pub(crate) async fn until<T>(what: &str, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let mut last = String::new();
    let looking = async {
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            ticks.tick().await;
            match probe() {
                Ok(found) => return found,
                Err(seen) => last = seen,
            }
        }
    };
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(found) => found,
        Err(_) => panic!("waited too long for {what}; last seen: {last}"),
    }
}

/// What some work comes to, within the bound.
pub(crate) async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("waited too long for {what}"))
}
