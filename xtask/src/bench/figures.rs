//! Times, and what is said of them.

use std::time::Duration;

/// Measured times, sorted. Never empty when anything is asked of it.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<Duration>);

impl Figures {
    pub(super) fn add(&mut self, time: Duration) {
        let place = self.0.partition_point(|other| *other < time);
        self.0.insert(place, time);
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The middle one; of an even number, the mean of the two in the middle.
    pub(super) fn median(&self) -> Duration {
        let count = self.0.len();
        let at = |place: usize| self.0.get(place).copied().unwrap_or_default();
        if count % 2 == 1 { at(count / 2) } else { (at((count / 2).saturating_sub(1)) + at(count / 2)) / 2 }
    }

    pub(super) fn min(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    pub(super) fn max(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let mut figures = Figures::default();
        for millis in [5, 1, 9] {
            figures.add(Duration::from_millis(millis));
        }
        assert_eq!(figures.median(), Duration::from_millis(5));
        figures.add(Duration::from_millis(7));
        assert_eq!(figures.median(), Duration::from_millis(6));
        assert_eq!((figures.min(), figures.max()), (Duration::from_millis(1), Duration::from_millis(9)));
    }
}
