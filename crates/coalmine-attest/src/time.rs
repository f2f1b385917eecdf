//! The time at which a run ended.

use std::time::Duration;

use jiff::Timestamp;

/// Returns when a run ended, in UTC and whole seconds, as in RFC 3339.
pub(crate) fn end(started_at: &str, duration_ms: u64) -> Option<String> {
    let started: Timestamp = started_at.parse().ok()?;
    let ended = started.checked_add(Duration::from_millis(duration_ms)).ok()?;
    Some(ended.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_the_start_and_the_duration() {
        assert_eq!(end("2026-11-28T23:59:58Z", 3_999).unwrap(), "2026-11-29T00:00:01Z");
        assert_eq!(end("yesterday", 1), None);
        assert_eq!(end("2026-11-28T23:59:58Z", u64::MAX), None);
    }
}
