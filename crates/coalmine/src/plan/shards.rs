//! The parts of a run that is spread over several machines.

use sha2::{Digest, Sha256};

use super::{Canary, Turn};

/// What a turn is taken to last, in milliseconds, and what is added for a disruption.
const TURN_MS: u64 = 100;
const DISRUPTION_MS: u64 = 1_000;

/// Returns the SHA-256 of canaries with everything that is asked of them, in hexadecimal.
pub fn digest(canaries: &[Canary]) -> String {
    let mut hash = Sha256::new();
    for canary in canaries {
        hash.update(format!("{canary:?}\n"));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns how long a canary is taken to last, in milliseconds, if nobody has measured it.
pub fn estimate(canary: &Canary) -> u64 {
    TURN_MS + canary.turns.iter().map(turn).sum::<u64>()
}

fn turn(turn: &Turn) -> u64 {
    let times = u64::from(turn.repeat.max(1));
    let disrupted = turn.before.is_some() || turn.during.is_some() || !turn.model_fault.named().is_empty();
    times * TURN_MS + if disrupted { DISRUPTION_MS } else { 0 }
}

/// Spreads work over `parts`: returns the part of each piece, from 1, given how long each lasts. The longest piece comes first,
/// and each goes to the part that has least to do; so the result depends on nothing but the numbers.
pub fn spread(durations: &[u64], parts: u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..durations.len()).collect();
    order.sort_by_key(|piece| (std::cmp::Reverse(durations[*piece]), *piece));
    let mut loads: Vec<(u64, usize, u32)> = (1..=parts).map(|part| (0, 0, part)).collect();
    let mut placed = vec![0; durations.len()];
    for piece in order {
        let Some(least) = loads.iter_mut().min() else { continue };
        least.0 = least.0.saturating_add(durations[piece]);
        least.1 += 1;
        placed[piece] = least.2;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::builtin;

    #[test]
    fn every_piece_is_in_one_part() {
        for parts in [1, 2, 3, 7, 60] {
            let durations: Vec<u64> = (0..40).map(|n| n * 37 % 11).collect();
            let placed = spread(&durations, parts);
            assert_eq!(placed, spread(&durations, parts));
            assert!(placed.iter().all(|part| (1..=parts).contains(part)), "{placed:?}");
            let load = |part| -> u64 {
                placed.iter().zip(&durations).filter(|(of, _)| **of == part).map(|(_, took)| took).sum()
            };
            let loads: Vec<u64> = (1..=parts).map(load).collect();
            let (most, least) = (loads.iter().max().unwrap(), loads.iter().min().unwrap());
            assert!(most - least <= 10, "{loads:?}");
        }
    }

    #[test]
    fn more_parts_than_pieces_leave_some_empty() {
        assert_eq!(spread(&[0, 0, 5], 5), [2, 3, 1]);
        assert_eq!(spread(&[], 3), [0; 0]);
    }

    #[test]
    fn a_canary_that_asks_for_more_is_taken_to_last_longer() {
        let canaries = builtin::canaries().unwrap();
        let of = |id: &str| estimate(canaries.iter().find(|canary| canary.id == id).unwrap());
        assert!(of("agent-card") < of("name-recall"));
    }

    #[test]
    fn another_question_is_another_digest() {
        let canaries = builtin::canaries().unwrap();
        assert_eq!(digest(&canaries), digest(&canaries.clone()));
        let mut changed = canaries.clone();
        changed[3].title.push('!');
        assert_ne!(digest(&canaries), digest(&changed));
        assert_ne!(digest(&canaries), digest(&canaries[1..]));
    }
}
