//! Ways in which a correct runtime is slow on a busy machine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// What slows down one run, drawn from its seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slowness {
    /// How long the model thinks before its first word, in milliseconds.
    model: u64,
    /// How long each write of the runtime to its disk takes, in milliseconds.
    disk: u64,
    /// How long the runtime takes to listen, in milliseconds.
    start: u64,
    /// How many threads use up a processor.
    load: usize,
}

impl Slowness {
    pub(super) fn of(seed: u64) -> Self {
        // each part changes at a pace of its own, so that over some runs all are combined
        let step = |every: u64, steps: u64| (seed / every) % steps;
        Self {
            model: step(1, 4) * 25,
            disk: step(2, 3) * 4,
            start: step(3, 3) * 300,
            load: usize::try_from(step(4, 3)).unwrap_or_default(),
        }
    }

    /// Returns the arguments of a run that is slow in this way.
    pub(super) fn arguments(self) -> Vec<String> {
        let mut arguments = vec![];
        if self.model > 0 {
            arguments.extend(["--model-fault".to_owned(), format!("slow-first:{}ms", self.model)]);
        }
        for (name, time) in [("COALMINE_SLOW_DISK", self.disk), ("COALMINE_SLOW_START", self.start)] {
            if time > 0 {
                arguments.extend(["--env".to_owned(), format!("{name}={time}")]);
            }
        }
        arguments
    }

    /// Uses up processors until the load is dropped.
    pub(super) fn load(self) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let spin = |_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        };
        Load { threads: (0..self.load).map(spin).collect(), stop }
    }
}

/// Threads that use up processors, until it is dropped.
pub(super) struct Load {
    threads: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_of_slowness_comes_up() {
        let drawn: Vec<Slowness> = (0..36).map(Slowness::of).collect();
        let kinds = |of: fn(&Slowness) -> u64| drawn.iter().map(of).collect::<HashSet<_>>().len();
        assert_eq!(kinds(|slowness| slowness.model), 4);
        assert_eq!(kinds(|slowness| slowness.disk), 3);
        assert_eq!(kinds(|slowness| slowness.start), 3);
        assert_eq!(kinds(|slowness| slowness.load as u64), 3);
        assert_eq!(Slowness::of(7), Slowness::of(7));
    }

    #[test]
    fn run_is_told_what_is_slow() {
        let slow = Slowness { model: 50, disk: 4, start: 0, load: 0 };
        assert_eq!(slow.arguments(), ["--model-fault", "slow-first:50ms", "--env", "COALMINE_SLOW_DISK=4"]);
        assert!(Slowness { model: 0, disk: 0, start: 0, load: 2 }.arguments().is_empty());
    }

    #[test]
    fn load_ends_when_it_is_dropped() {
        let load = Slowness { model: 0, disk: 0, start: 0, load: 2 }.load();
        assert_eq!(load.threads.len(), 2);
        let stop = Arc::clone(&load.stop);
        drop(load);
        // the threads have dropped theirs
        assert_eq!(Arc::strong_count(&stop), 1);
    }
}
