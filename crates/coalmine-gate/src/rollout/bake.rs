//! Counts what a gate has shown since it was installed: whether it may be required.
//!
//! A head counts once, by its newest status. A red head is explained if a later head of its pull request is green, or
//! if the pull request was closed and not merged. An unexplained one starts the bake again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    calendar::Calendar,
    history::{Fate, Head, Outcome, PullHistory},
};

/// When a bake is done.
#[derive(Debug, Clone)]
pub struct BakeRules {
    /// The distinct business days with a green head.
    pub business_days: usize,
    /// The distinct green heads.
    pub heads: usize,
    /// The most red heads that may have been explained.
    pub max_red: usize,
    /// Which days are business days.
    pub calendar: Calendar,
}

/// How far a bake has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bake {
    /// From when on heads count.
    pub since: Timestamp,
    /// The unexplained red head that started it again.
    pub restarted_by: Option<HeadOf>,
    /// The business days with a green head.
    pub days: BTreeSet<Date>,
    /// The green heads, each once.
    pub green: Vec<HeadOf>,
    /// The red heads that were explained.
    pub explained: Vec<HeadOf>,
    /// The heads about which nothing was judged, with the reason.
    pub not_judged: Vec<(HeadOf, String)>,
    /// The heads that are green, and whose run nothing proves, with the reason.
    pub unproven: Vec<(HeadOf, String)>,
    /// What is missing; nothing if the bake is done.
    pub missing: Vec<String>,
}

/// A head, and the pull request that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct HeadOf {
    /// When the gate said what it said.
    pub at: Timestamp,
    /// The number of the pull request.
    pub pull: u64,
    /// The commit.
    pub sha: String,
}

impl Bake {
    /// Returns a bake without any head.
    pub fn new(since: Timestamp, restarted_by: Option<HeadOf>) -> Self {
        Self {
            since: restarted_by.as_ref().map_or(since, |red| red.at),
            restarted_by,
            days: BTreeSet::new(),
            green: vec![],
            explained: vec![],
            not_judged: vec![],
            unproven: vec![],
            missing: vec![],
        }
    }

    /// Returns whether nothing is missing.
    pub fn is_done(&self) -> bool {
        self.missing.is_empty()
    }
}

/// Counts the heads from `since` on. What claims to be later than `now` does not count.
pub fn bake(rules: &BakeRules, pulls: &[PullHistory], since: Timestamp, now: Timestamp) -> Bake {
    let newest = unexplained(pulls).filter(|head| head.at >= since).max();
    // what was posted in the second of the red head is not after it
    let after = |at: Timestamp| match &newest {
        Some(red) => at > red.at,
        None => at >= since,
    };
    let mut bake = Bake::new(since, newest.clone());
    for (of, outcome) in distinct(pulls) {
        if !after(of.at) {
            continue;
        }
        if of.at > now {
            bake.not_judged.push((of, "its status is from the future".to_owned()));
            continue;
        }
        match outcome {
            Outcome::Green => {
                bake.days.extend(rules.calendar.business_day(of.at));
                bake.green.push(of);
            }
            // an unexplained one is not after the newest
            Outcome::Red => bake.explained.push(of),
            Outcome::NotJudged(why) => bake.not_judged.push((of, why.clone())),
            Outcome::Unproven(why) => bake.unproven.push((of, why.clone())),
        }
    }
    bake.missing = missing(rules, &bake);
    bake
}

/// Returns every head once, in the order of time. If a commit is the head of several pull requests, the first counts.
fn distinct(pulls: &[PullHistory]) -> Vec<(HeadOf, &Outcome)> {
    let mut heads: BTreeMap<&str, (HeadOf, &Outcome)> = BTreeMap::new();
    for (pull, head) in pulls.iter().flat_map(|pull| pull.heads.iter().map(move |head| (pull, head))) {
        let of = head_of(pull, head);
        let known = heads.entry(&head.sha).or_insert_with(|| (of.clone(), &head.outcome));
        if of < known.0 {
            *known = (of, &head.outcome);
        }
    }
    let mut heads: Vec<_> = heads.into_values().collect();
    heads.sort_by(|one, other| one.0.cmp(&other.0));
    heads
}

/// Returns the red heads that nothing explains. A commit in several pull requests is explained if it is in one.
fn unexplained(pulls: &[PullHistory]) -> impl Iterator<Item = HeadOf> {
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    let mut red: Vec<HeadOf> = vec![];
    for pull in pulls {
        for (at, head) in pull.heads.iter().enumerate().filter(|(_, head)| head.outcome == Outcome::Red) {
            let later = pull.heads.iter().skip(at.saturating_add(1));
            let is_mended = later.into_iter().any(|later| later.outcome == Outcome::Green);
            if is_mended || pull.fate == Fate::Closed {
                explained.insert(&head.sha);
            }
            red.push(head_of(pull, head));
        }
    }
    red.into_iter().filter(move |head| !explained.contains(head.sha.as_str()))
}

fn head_of(pull: &PullHistory, head: &Head) -> HeadOf {
    HeadOf { at: head.at, pull: pull.number, sha: head.sha.clone() }
}

fn missing(rules: &BakeRules, bake: &Bake) -> Vec<String> {
    let mut missing = vec![];
    let mut count = |has: usize, needs: usize, what: &str| {
        if has < needs {
            missing.push(format!("{has} of {needs} {what}"));
        }
    };
    count(bake.days.len(), rules.business_days, "business days with a green head");
    count(bake.green.len(), rules.heads, "green heads");
    let red = bake.explained.len();
    if red > rules.max_red {
        missing.push(format!("{red} red heads, though each was explained: at most {} may be", rules.max_red));
    }
    missing
}

#[cfg(test)]
mod tests;
