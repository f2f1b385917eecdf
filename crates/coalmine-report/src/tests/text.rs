use std::{collections::HashSet, mem::discriminant};

use coalmine::event::{CanaryReport, is_hidden};

use super::{
    hostile::{HOSTILE, hostile},
    sample,
};
use crate::{
    Record,
    plain::plain_blocks,
    text::{Block, Excerpt, Role, Text, causes, details, notes, title},
};

fn hostile_record() -> Record {
    let mut record = Record::default();
    hostile().events.iter().for_each(|envelope| record.push(envelope).unwrap());
    record
}

/// Every block that the hostile stream gives rise to.
fn hostile_blocks() -> Vec<Block> {
    let record = hostile_record();
    let run = &record.started.as_ref().unwrap().run;
    let of_canary = |canary: &CanaryReport| [notes(canary), details(run, canary)].concat();
    let of_problems = causes(&record).into_iter().flat_map(|problem| problem.blocks);
    record.ended.iter().flat_map(of_canary).chain(of_problems).collect()
}

/// Whether an excerpt holds the hostile text, or a line of it, unchanged.
fn is_unchanged(excerpt: &Excerpt) -> bool {
    excerpt.text.contains(HOSTILE) || HOSTILE.lines().any(|line| excerpt.text == line)
}

#[test]
fn hostile_text_stays_data_until_it_is_shown() {
    let blocks = hostile_blocks();
    let kinds: HashSet<_> = blocks.iter().map(discriminant).collect();
    assert!(kinds.len() >= 8, "{blocks:?}");

    let lines: Vec<_> = blocks.iter().flat_map(|block| block.lines(Some(HOSTILE))).collect();
    let (mut excerpts, mut commands) = (0, 0);
    for span in lines.iter().flat_map(|line| &line.spans) {
        match &span.text {
            Text::Words(words) => assert!(!words.chars().any(is_hidden), "{words:?}"),
            Text::Excerpt(excerpt) => {
                assert!(is_unchanged(excerpt) || !excerpt.text.contains([':', '\\']), "{excerpt:?}");
                excerpts += 1;
            }
            Text::Command(command) => {
                assert!(command.words.iter().any(|word| word == HOSTILE), "{command:?}");
                commands += 1;
            }
        }
    }
    assert!(excerpts > 50 && commands > 1, "{excerpts} excerpts, {commands} commands");
}

#[test]
fn a_hostile_title_stays_data() {
    let titles: Vec<_> = hostile_record().ended.iter().map(title).collect();
    assert_eq!(titles[1].title.text, HOSTILE);
}

#[test]
fn an_approval_is_part_of_the_conversation() {
    let mut canary = sample::failed();
    canary.turns[0].approved = vec!["May I?".into()];
    let blocks = details(&sample::started().run, &canary);
    let shown = plain_blocks(&blocks, 0);
    assert!(shown.contains("agent  May I?\n  user   Yes, do that.\n  agent  "), "{shown}");
}

#[test]
fn roles_follow_the_marks_of_the_path() {
    let blocks = details(&sample::started().run, &sample::failed());
    let path = blocks.iter().find(|block| matches!(block, Block::Path(_))).unwrap();
    let line = path.lines(None).swap_remove(0);
    let mut roles: Vec<_> = line.spans.iter().map(|span| span.role).collect();
    roles.retain(|role| *role != Role::Plain);
    roles.dedup();
    assert_eq!(roles, [Role::Good, Role::Bad, Role::Dim]);
}
