//! Measured times and their statistics.

use std::time::Duration;

/// Measured times, sorted.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<Duration>);

impl Figures {
    pub(super) fn add(&mut self, time: Duration) {
        let index = self.0.partition_point(|other| *other < time);
        self.0.insert(index, time);
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the median; of an even number of times, the mean of the two in the middle.
    pub(super) fn median(&self) -> Duration {
        let count = self.0.len();
        let at = |index: usize| self.0.get(index).copied().unwrap_or_default();
        if count % 2 == 1 { at(count / 2) } else { (at((count / 2).saturating_sub(1)) + at(count / 2)) / 2 }
    }

    /// Returns how many times as long these took as the others, by the medians.
    pub(super) fn ratio(&self, others: &Self) -> f64 {
        self.median().as_secs_f64() / others.median().as_secs_f64()
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

    fn figures(millis: &[u64]) -> Figures {
        let mut figures = Figures::default();
        millis.iter().for_each(|millis| figures.add(Duration::from_millis(*millis)));
        figures
    }

    #[test]
    fn median_of_odd_and_even_numbers() {
        let odd = figures(&[5, 1, 9]);
        assert_eq!(odd.median(), Duration::from_millis(5));
        assert_eq!((odd.min(), odd.max()), (Duration::from_millis(1), Duration::from_millis(9)));
        assert_eq!(figures(&[5, 1, 9, 7]).median(), Duration::from_millis(6));
    }

    #[test]
    fn ratio_compares_medians() {
        let ratio = figures(&[1, 27, 900]).ratio(&figures(&[20, 5, 900]));
        assert!((ratio - 1.35).abs() < 1e-9, "{ratio}");
    }
}
