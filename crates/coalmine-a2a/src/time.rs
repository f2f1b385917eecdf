//! Moments in the future.

use std::time::Duration;

use tokio::time::Instant;

/// Further away than any deadline.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the moment that is so far away; if there is no such moment, one that is a day away.
pub(crate) fn after(from: Instant, time: Duration) -> Instant {
    from.checked_add(time).or_else(|| from.checked_add(FAR)).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_too_long() {
        let now = Instant::now();
        assert_eq!(after(now, Duration::from_secs(1)), now + Duration::from_secs(1));
        assert_eq!(after(now, Duration::MAX), now + FAR);
    }
}
