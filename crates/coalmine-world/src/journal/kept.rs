//! The newest calls, in memory and within a bound, for whoever judges.

use std::{collections::VecDeque, sync::Arc};

use super::Call;

/// Most calls kept in memory, and most bytes of request bodies among them.
const KEPT_CALLS: usize = 2_000;
const KEPT_BYTES: usize = 32 << 20;

/// A place in the journal: what comes after it is new. The default is the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark(pub(super) u64);

#[derive(Debug, Default)]
pub(super) struct Kept {
    calls: VecDeque<Arc<Call>>,
    bytes: usize,
    /// The number after the newest call that had to go.
    gone: u64,
}

impl Kept {
    /// Takes the newest call in; gives back those that have no place any more.
    pub(super) fn push(&mut self, call: Arc<Call>) -> Vec<Arc<Call>> {
        self.bytes += call.weight();
        self.calls.push_back(call);
        let mut gone = vec![];
        while self.calls.len() > KEPT_CALLS || (self.bytes > KEPT_BYTES && self.calls.len() > 1) {
            let Some(call) = self.calls.pop_front() else { break };
            self.bytes -= call.weight();
            self.gone = call.seq + 1;
            gone.push(call);
        }
        gone
    }

    /// Whether all calls since a mark are still here.
    pub(super) fn has_all_since(&self, mark: Mark) -> bool {
        self.gone <= mark.0
    }

    /// The calls since a mark, in order.
    pub(super) fn since(&self, mark: Mark) -> Vec<Arc<Call>> {
        self.calls.iter().filter(|call| call.seq >= mark.0).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Said};

    fn call(seq: u64, bytes: usize) -> Arc<Call> {
        let (method, path) = ("POST".into(), "/".into());
        let said = Said::default();
        Arc::new(Call { seq, at_ms: 0, kind: Kind::Model, method, path, status: 200, bytes, said })
    }

    /// The numbers of the calls that are kept of so many with so many bytes each.
    fn kept(calls: u64, bytes: usize) -> Vec<u64> {
        let mut kept = Kept::default();
        for seq in 0..calls {
            kept.push(call(seq, bytes));
        }
        kept.since(Mark::default()).iter().map(|call| call.seq).collect()
    }

    #[test]
    fn the_newest_are_kept_within_both_bounds() {
        let last = |count: u64, of: u64| (of - count..of).collect::<Vec<_>>();
        assert_eq!(kept(2_500, 1_000), last(2_000, 2_500));
        assert_eq!(kept(100, 1 << 20), last(32, 100));
        assert_eq!(kept(3, 64 << 20), [2], "the newest has a place however long it is");
    }

    #[test]
    fn what_had_to_go_is_told() {
        let mut kept = Kept::default();
        for seq in 0..3 {
            assert!(kept.has_all_since(Mark(0)) == (seq < 2));
            kept.push(call(seq, 32 << 20));
        }
        assert!(!kept.has_all_since(Mark(1)) && kept.has_all_since(Mark(2)));
    }
}
