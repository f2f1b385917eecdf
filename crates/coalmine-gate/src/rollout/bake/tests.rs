//! Examples, and laws for any history.

use jiff::{SignedDuration, tz::TimeZone};
use proptest::prelude::*;

use super::*;

/// Monday, 9 o'clock.
const MONDAY: &str = "2026-11-02T09:00:00Z";

fn at(days: i64) -> Timestamp {
    MONDAY.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

fn rules(business_days: usize, heads: usize, max_red: usize) -> BakeRules {
    BakeRules { business_days, heads, max_red, calendar: Calendar::new(TimeZone::UTC, []) }
}

fn pull(number: u64, fate: Fate, heads: &[(i64, Outcome)]) -> PullHistory {
    let head = |(index, (day, outcome)): (usize, &(i64, Outcome))| Head {
        sha: format!("{number}-{index}"),
        outcome: outcome.clone(),
        at: at(*day),
    };
    PullHistory { number, fate, heads: heads.iter().enumerate().map(head).collect() }
}

fn green(day: i64) -> (i64, Outcome) {
    (day, Outcome::Green)
}

fn red(day: i64) -> (i64, Outcome) {
    (day, Outcome::Red)
}

fn counted(pulls: &[PullHistory], max_red: usize) -> Bake {
    bake(&rules(5, 5, max_red), pulls, at(0), at(100))
}

fn week(number: u64) -> PullHistory {
    pull(number, Fate::Merged, &[green(0), green(1), green(2), green(3), green(4)])
}

#[test]
fn five_business_days_are_enough_and_a_weekend_is_none() {
    assert!(counted(&[week(1)], 0).is_done());
    let over_the_weekend = pull(1, Fate::Open, &[green(2), green(3), green(4), green(5), green(6)]);
    let bake = counted(&[over_the_weekend], 0);
    assert_eq!(bake.missing, ["3 of 5 business days with a green head"]);
    assert_eq!((bake.days.len(), bake.green.len()), (3, 5));
}

#[test]
fn heads_before_the_canonical_file_changed_do_not_count() {
    let before = pull(1, Fate::Merged, &[green(-3), green(-2)]);
    assert_eq!(counted(&[before], 0).green, []);
    let red_before = pull(2, Fate::Merged, &[red(-1)]);
    let bake = counted(&[red_before, week(1)], 0);
    assert!(bake.is_done() && bake.restarted_by.is_none());
}

#[test]
fn a_later_green_head_or_a_closed_pull_request_explains_a_red_one() {
    let mended = pull(7, Fate::Open, &[red(2), green(3)]);
    let dropped = pull(8, Fate::Closed, &[red(3)]);
    let bake = counted(&[week(1), mended.clone(), dropped.clone()], 2);
    assert!(bake.is_done(), "{:?}", bake.missing);
    assert_eq!(bake.explained.len(), 2);
    let strict = counted(&[week(1), mended, dropped], 1);
    assert_eq!(strict.missing, ["2 red heads, though each was explained: at most 1 may be"]);
}

#[test]
fn an_unexplained_red_head_starts_the_bake_again() {
    for fate in [Fate::Open, Fate::Merged] {
        // green, then red: the green one before it explains nothing
        let broken = pull(7, fate, &[green(2), red(3)]);
        let bake = counted(&[week(1), broken], 9);
        assert_eq!(bake.restarted_by.as_ref().map(|head| head.pull), Some(7));
        assert_eq!(bake.green.len(), 1, "only the last day of the week is after it");
    }
}

#[test]
fn what_proves_nothing_does_not_count() {
    let unproven = Outcome::Unproven("a user posted it".into());
    let canceled = Outcome::NotJudged("it was canceled".into());
    let bake = counted(&[pull(1, Fate::Open, &[(0, unproven), (1, canceled), green(200)])], 0);
    assert_eq!((bake.green.len(), bake.unproven.len(), bake.not_judged.len()), (0, 1, 2));
    // it does not explain a red head either
    let red_then_unproven = pull(2, Fate::Open, &[red(0), (1, Outcome::Unproven(String::new()))]);
    assert!(counted(&[red_then_unproven], 9).restarted_by.is_some());
}

#[test]
fn a_commit_in_two_pull_requests_counts_once() {
    let mut again = week(2);
    again.heads = week(1).heads;
    assert_eq!(counted(&[week(1), again], 0).green.len(), 5);
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::Green),
        2 => Just(Outcome::Red),
        1 => Just(Outcome::NotJudged("pending".into())),
        1 => Just(Outcome::Unproven("no run".into())),
    ]
}

fn any_pulls() -> impl Strategy<Value = Vec<PullHistory>> {
    let fate = prop_oneof![Just(Fate::Open), Just(Fate::Merged), Just(Fate::Closed)];
    let heads = prop::collection::vec((0..30_i64, any_outcome()), 0..5);
    let pulls = prop::collection::vec((fate, heads), 0..6);
    pulls.prop_map(|pulls| {
        (1..)
            .zip(pulls)
            .map(|(number, (fate, mut heads))| {
                heads.sort_by_key(|head| head.0);
                pull(number, fate, &heads)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn days_are_never_more_than_heads_and_never_on_a_weekend(pulls in any_pulls()) {
        let bake = counted(&pulls, 3);
        prop_assert!(bake.days.len() <= bake.green.len());
        prop_assert!(bake.days.iter().all(|day| day.weekday().to_monday_zero_offset() < 5));
    }

    #[test]
    fn order_of_pull_requests_and_repetition_change_nothing(pulls in any_pulls()) {
        let once = counted(&pulls, 3);
        let mut other = pulls.clone();
        other.reverse();
        prop_assert_eq!(&counted(&other, 3), &once);
        other.extend(pulls);
        prop_assert_eq!(&counted(&other, 3), &once);
    }

    #[test]
    fn one_more_green_head_takes_nothing_away(pulls in any_pulls(), day in 0..30_i64) {
        let before = counted(&pulls, 3);
        let mut more = pulls;
        more.push(pull(99, Fate::Open, &[green(day)]));
        let after = counted(&more, 3);
        prop_assert!(after.green.len() >= before.green.len());
        prop_assert!(!before.is_done() || after.is_done());
    }

    #[test]
    fn an_unexplained_red_head_leaves_nothing_before_it(pulls in any_pulls(), day in 0..30_i64) {
        let mut more = pulls;
        more.push(pull(99, Fate::Merged, &[red(day)]));
        let bake = counted(&more, 99);
        prop_assert!(bake.since >= at(day));
        prop_assert!(bake.green.iter().all(|head| head.at > at(day)));
    }
}
