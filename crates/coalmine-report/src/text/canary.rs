//! What is said about one canary: its title, the notes under it, and the details if it did not pass.

use coalmine::event::{CanaryReport, CheckReport, RunInfo, Verdict};

use super::{Block, Command, Excerpt, FailedCheck, Title, TitleEnd, diagnosis, prompt::prompt, turns::turns};

pub(crate) const MAX_ID: usize = 40;
pub(crate) const MAX_TITLE: usize = 80;
/// The most characters of a note under a title.
const MAX_NOTE: usize = 300;
/// The most characters of one text of the details.
const MAX_TEXT: usize = 500;
const MAX_CHECKS: usize = 8;

/// Returns the first line about a canary.
pub(crate) fn title(canary: &CanaryReport) -> Title {
    Title {
        verdict: canary.verdict,
        number: canary.number,
        id: Excerpt::new(&canary.id, MAX_ID),
        title: Excerpt::new(&canary.title, MAX_TITLE),
        end: match (canary.verdict, &canary.diagnosis) {
            (Verdict::Pass | Verdict::Fail | Verdict::Xpass, _) => TitleEnd::Duration(canary.duration_ms),
            (Verdict::Error | Verdict::Xfail, Some(diagnosis)) => TitleEnd::Code(diagnosis.code),
            (Verdict::Error | Verdict::Xfail, None) | (Verdict::Skip, _) => TitleEnd::Nothing,
        },
    }
}

/// Returns what belongs directly under the title, whatever the verdict.
pub(crate) fn notes(canary: &CanaryReport) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(rounds) = canary.rounds {
        blocks.push(Block::Rounds(rounds));
        // A canary that passed has no details, so nothing else says why some of its rounds failed.
        if let (Verdict::Pass, Some(diagnosis)) = (canary.verdict, &canary.diagnosis) {
            let sentence = Excerpt::new(&diagnosis.sentence, MAX_NOTE);
            blocks.push(Block::RoundFailed { round: rounds.shown, code: diagnosis.code, sentence });
        }
    }
    if let Some(reason) = &canary.reason {
        let reason = Excerpt::new(reason, MAX_NOTE);
        match (canary.verdict, &canary.diagnosis) {
            // The details name it.
            (Verdict::Error | Verdict::Fail, Some(_)) => {}
            (Verdict::Pass, _) => blocks.push(Block::Note(reason)),
            _ => blocks.push(Block::Reason(reason)),
        }
    }
    blocks
}

/// Returns everything about a canary that failed or could not be judged, in the order in which to read it.
pub(crate) fn details(run: &RunInfo, canary: &CanaryReport) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(rounds) = canary.rounds.filter(|rounds| rounds.asked > 1) {
        blocks.push(Block::Round { shown: rounds.shown, asked: rounds.asked });
    }
    blocks.extend(turns(canary));
    blocks.extend(failed_checks(&canary.checks));
    blocks.extend(prompt(canary));
    match (&canary.diagnosis, &canary.reason) {
        (Some(diagnosis), reason) if canary.verdict == Verdict::Error => {
            blocks.extend(diagnosis::not_judged(diagnosis, reason.as_deref(), None));
        }
        (Some(diagnosis), reason) => {
            blocks.extend(reason.as_deref().map(|reason| Block::Reason(Excerpt::new(reason, MAX_TEXT))));
            blocks.extend(diagnosis::failed(diagnosis));
        }
        (None, Some(reason)) => blocks.push(Block::Reason(Excerpt::new(reason, MAX_TEXT))),
        (None, None) => {}
    }
    blocks.push(Block::Again(Command::run_again(run, Some(&canary.id))));
    blocks
}

fn failed_checks(checks: &[CheckReport]) -> Vec<Block> {
    let failed = || checks.iter().filter(|check| matches!(check.verdict, Verdict::Fail | Verdict::Error));
    let text = |text: &str| Excerpt::new(text, MAX_TEXT);
    let shown = failed().take(MAX_CHECKS).map(|check| FailedCheck {
        id: text(&check.id),
        expected: text(&check.expected),
        actual: text(&check.actual),
    });
    let mut blocks: Vec<_> = shown.map(Block::FailedCheck).collect();
    let more = failed().count() - blocks.len();
    if more > 0 {
        blocks.push(Block::MoreFailedChecks(more));
    }
    blocks
}
