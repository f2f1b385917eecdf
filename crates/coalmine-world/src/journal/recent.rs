//! The most recent calls, in memory and within bounds, for judging a run.

use std::{collections::VecDeque, sync::Arc};

use super::Call;

/// Maximum number of calls in memory, and of bytes that they hold.
const MAX_CALLS: usize = 2_000;
const MAX_BYTES: usize = 32 << 20;

/// A position in the journal, between two calls. The default is the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JournalPosition(pub(super) u64);

#[derive(Debug, Default)]
pub(super) struct RecentCalls {
    calls: VecDeque<Arc<Call>>,
    bytes: usize,
    /// The number after the newest call that was dropped.
    dropped_before: u64,
}

impl RecentCalls {
    /// Adds the newest call, and returns those that were dropped to make room. The caller frees them, outside
    /// its lock.
    pub(super) fn push(&mut self, call: Arc<Call>) -> Vec<Arc<Call>> {
        self.bytes = self.bytes.saturating_add(call.weight());
        self.calls.push_back(call);
        let mut dropped = vec![];
        while self.calls.len() > MAX_CALLS || (self.bytes > MAX_BYTES && self.calls.len() > 1) {
            let Some(call) = self.calls.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(call.weight());
            self.dropped_before = call.seq.saturating_add(1);
            dropped.push(call);
        }
        dropped
    }

    /// Returns whether no call since a position was dropped.
    pub(super) fn has_all_since(&self, position: JournalPosition) -> bool {
        self.dropped_before <= position.0
    }

    /// Returns the calls since a position, in order.
    pub(super) fn since(&self, position: JournalPosition) -> Vec<Arc<Call>> {
        self.calls.iter().filter(|call| call.seq >= position.0).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{CallContent, CallKind, Held};

    fn call(seq: u64, bytes: usize) -> Arc<Call> {
        Arc::new(Call {
            seq,
            at_ms: 0,
            answered_at: Instant::now(),
            kind: CallKind::Model,
            method: "POST".into(),
            path: "/".into(),
            status: 200,
            bytes,
            content: CallContent { held: Held::of_no_budget(bytes), ..CallContent::default() },
        })
    }

    /// Pushes calls of equal size, and returns the numbers of those that are kept.
    fn kept(calls: u64, bytes: usize) -> Vec<u64> {
        let mut recent = RecentCalls::default();
        for seq in 0..calls {
            recent.push(call(seq, bytes));
        }
        recent.since(JournalPosition::default()).iter().map(|call| call.seq).collect()
    }

    #[test]
    fn keeps_the_newest_within_both_bounds() {
        let last = |count: u64, of: u64| (of - count..of).collect::<Vec<_>>();
        assert_eq!(kept(2_500, 1_000), last(2_000, 2_500));
        assert_eq!(kept(100, 1 << 20), last(32, 100));
        assert_eq!(kept(3, 64 << 20), [2], "the newest is kept whatever its size");
    }

    #[test]
    fn reports_what_was_dropped() {
        let mut recent = RecentCalls::default();
        for seq in 0..3 {
            assert!(recent.has_all_since(JournalPosition(0)) == (seq < 2));
            recent.push(call(seq, 32 << 20));
        }
        assert!(!recent.has_all_since(JournalPosition(1)) && recent.has_all_since(JournalPosition(2)));
    }
}
