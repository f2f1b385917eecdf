//! The part of a run that `--shard K/N` selects.

use std::{collections::HashMap, str::FromStr};

use coalmine::{
    baseline::Baseline,
    event::Shard,
    plan::{Canary, shards},
};

/// The most parts of a run.
const MAX_SHARDS: u32 = 1_000;

/// Which part of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShardChoice {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once('/')
            .and_then(|(number, of)| Some(Self { number: number.parse().ok()?, of: of.parse().ok()? }));
        parsed
            .filter(|shard| (1..=MAX_SHARDS).contains(&shard.of) && (1..=shard.of).contains(&shard.number))
            .ok_or_else(|| {
                format!("expected `K/N`, such as `2/4`, with K from 1 to N and N up to {MAX_SHARDS}")
            })
    }
}

/// Keeps the canaries of a part. All parts have about as much to do, as far as the baseline or the canaries say it.
pub(crate) fn select(choice: ShardChoice, canaries: &mut Vec<Canary>, baseline: Option<&Baseline>) -> Shard {
    let measured: HashMap<&str, u64> = baseline
        .into_iter()
        .flat_map(|baseline| &baseline.canaries)
        .filter(|canary| canary.duration_ms > 0)
        .map(|canary| (canary.id.as_str(), canary.duration_ms))
        .collect();
    let took = |canary: &Canary| {
        measured.get(canary.id.as_str()).copied().unwrap_or_else(|| shards::estimate(canary))
    };
    let durations: Vec<u64> = canaries.iter().map(took).collect();
    let shard = Shard {
        number: choice.number,
        of: choice.of,
        digest: shards::digest(canaries),
        canaries: canaries.iter().map(|canary| canary.id.clone()).collect(),
    };
    let mut parts = shards::spread(&durations, choice.of).into_iter();
    canaries.retain(|_| parts.next() == Some(choice.number));
    shard
}

#[cfg(test)]
mod tests {
    use coalmine::plan::builtin;

    use super::*;

    #[test]
    fn a_part_has_two_numbers() {
        assert_eq!("2/4".parse(), Ok(ShardChoice { number: 2, of: 4 }));
        for text in ["", "2", "0/4", "5/4", "1/0", "a/b", "1/1001", "-1/2", "1/2/3"] {
            assert!(text.parse::<ShardChoice>().unwrap_err().starts_with("expected `K/N`"), "{text}");
        }
    }

    #[test]
    fn every_canary_is_in_one_part_and_in_order() {
        let all = builtin::canaries().unwrap();
        let ids = |canaries: &[Canary]| canaries.iter().map(|canary| canary.id.clone()).collect::<Vec<_>>();
        for of in [1, 2, 5, 100] {
            let mut found = Vec::new();
            for number in 1..=of {
                let mut part = all.clone();
                let shard = select(ShardChoice { number, of }, &mut part, None);
                assert_eq!(shard.canaries, ids(&all));
                let places: Vec<usize> =
                    part.iter().map(|one| all.iter().position(|other| other.id == one.id).unwrap()).collect();
                assert!(places.is_sorted(), "{places:?}");
                found.extend(places);
            }
            found.sort_unstable();
            assert_eq!(found, (0..all.len()).collect::<Vec<_>>());
        }
    }
}
