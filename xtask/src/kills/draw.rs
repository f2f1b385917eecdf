//! Which run is killed when and by what: drawn from a seed, so that a series can be repeated.

use std::{fmt, time::Duration};

use nix::sys::signal::Signal;
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A signal that ends a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    Kill,
    Int,
    Term,
}

impl Ending {
    pub(super) fn signal(self) -> Signal {
        match self {
            Self::Kill => Signal::SIGKILL,
            Self::Int => Signal::SIGINT,
            Self::Term => Signal::SIGTERM,
        }
    }

    /// Returns whether the run cannot clean up.
    pub(super) fn is_kill(self) -> bool {
        self == Self::Kill
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.signal().as_str())
    }
}

/// What removes the leftovers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    NextRun,
    Clean,
}

/// One kill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kill {
    /// The index of the way to run.
    pub(super) way: usize,
    pub(super) signal: Ending,
    /// How long after its start the run gets the signal.
    pub(super) moment: Duration,
    pub(super) after: After,
}

impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:.3} s", self.signal, self.moment.as_secs_f64())
    }
}

/// An endless series of kills.
#[derive(Debug)]
pub(super) struct Draws {
    random: StdRng,
    /// The time of a whole run, for each way to run.
    spans: Vec<Duration>,
}

impl Draws {
    pub(super) fn new(seed: u64, spans: Vec<Duration>) -> Self {
        Self { random: StdRng::seed_from_u64(seed), spans }
    }
}

impl Iterator for Draws {
    type Item = Kill;

    fn next(&mut self) -> Option<Kill> {
        let way = self.random.random_range(0..self.spans.len());
        // half of them must be swept, and the others must end in order
        let signal = match self.random.random_range(0..4_u8) {
            0 | 1 => Ending::Kill,
            2 => Ending::Int,
            _ => Ending::Term,
        };
        let place: f64 = self.random.random();
        // most is made in the beginning, so half of the moments are early ones
        let place = if self.random.random() { place.powi(3) } else { place };
        let moment = self.spans.get(way)?.mul_f64(place);
        let after = if self.random.random() { After::NextRun } else { After::Clean };
        Some(Kill { way, signal, moment, after })
    }
}

/// Returns a seed that is another one each time.
pub(super) fn new_seed() -> u64 {
    u64::from(rand::random::<u32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPANS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];

    #[test]
    fn same_seed_draws_the_same() {
        let draws = |seed, span| Draws::new(seed, vec![span; 2]).take(50).collect::<Vec<_>>();
        assert_eq!(draws(7, SPANS[0]), draws(7, SPANS[0]));
        assert_ne!(draws(7, SPANS[0]), draws(8, SPANS[0]));
        let signals = |span| draws(7, span).into_iter().map(|kill| kill.signal).collect::<Vec<_>>();
        assert_eq!(signals(SPANS[0]), signals(SPANS[1]), "the time of a run does not change them");
    }

    #[test]
    fn every_signal_comes_at_every_time() {
        let draws: Vec<Kill> = Draws::new(1, SPANS.to_vec()).take(400).collect();
        for signal in [Ending::Kill, Ending::Int, Ending::Term] {
            for (way, span) in SPANS.iter().enumerate() {
                let of_it = draws.iter().filter(|kill| (kill.signal, kill.way) == (signal, way));
                let moments: Vec<Duration> = of_it.map(|kill| kill.moment).collect();
                assert!(moments.iter().all(|moment| moment < span));
                assert!(moments.iter().any(|moment| *moment < *span / 4), "{signal}");
                assert!(moments.iter().any(|moment| *moment > *span * 3 / 4), "{signal}");
            }
        }
    }
}
