//! Business days, in one time zone.

use std::collections::BTreeSet;

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// Which days count.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Creates a calendar.
    pub fn new(zone: TimeZone, holidays: impl IntoIterator<Item = Date>) -> Self {
        Self { zone, holidays: holidays.into_iter().collect() }
    }

    /// Returns the business day on which something happened; `None` if it was a weekend or a holiday.
    pub fn business_day(&self, at: Timestamp) -> Option<Date> {
        let day = self.zone.to_datetime(at).date();
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        (!is_weekend && !self.holidays.contains(&day)).then_some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(zone: &str, at: &str) -> Option<String> {
        let holiday = "2026-12-25".parse().unwrap();
        let calendar = Calendar::new(TimeZone::get(zone).unwrap(), [holiday]);
        calendar.business_day(at.parse().unwrap()).map(|day| day.to_string())
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        assert_eq!(day("UTC", "2026-11-27T23:59:59Z").as_deref(), Some("2026-11-27"));
        assert_eq!(day("UTC", "2026-11-28T00:00:00Z"), None, "a Saturday");
        assert_eq!(day("UTC", "2026-11-29T23:59:59Z"), None, "a Sunday");
        assert_eq!(day("UTC", "2026-12-25T12:00:00Z"), None, "a holiday");
    }

    #[test]
    fn the_zone_decides_which_day_it_is() {
        // half past midnight on Saturday in Berlin is still Friday in UTC
        assert_eq!(day("Europe/Berlin", "2026-11-27T23:30:00Z"), None);
        assert_eq!(day("UTC", "2026-11-27T23:30:00Z").as_deref(), Some("2026-11-27"));
        // clocks go forward on a Sunday: the Monday after begins an hour earlier in UTC
        assert_eq!(day("Europe/Berlin", "2026-03-29T21:59:59Z"), None);
        assert_eq!(day("Europe/Berlin", "2026-03-29T22:00:00Z").as_deref(), Some("2026-03-30"));
        assert_eq!(day("Europe/Berlin", "2026-10-25T22:59:59Z"), None);
        assert_eq!(day("Europe/Berlin", "2026-10-25T23:00:00Z").as_deref(), Some("2026-10-26"));
    }
}
