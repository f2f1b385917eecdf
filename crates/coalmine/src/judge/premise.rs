//! The premise of canaries about the names of files: a file can reach the agent at all.

use super::case::Case;
use crate::{
    event::ModelMode,
    observe::TurnSeen,
    plan::{Attachment, Need, Promise},
};

/// Returns why a canary about the names of files shows nothing, if so. A file that was written where none
/// belongs shows enough.
pub(super) fn missing(case: Case<'_>) -> Option<String> {
    let turns = || case.turns.iter().filter(|turn| turn.skipped.is_none());
    let about_names = turns().any(|turn| !turn.turn.no_file.is_empty());
    let escaped = turns().any(|turn| turn.files_there.as_ref().is_ok_and(|there| !there.is_empty()));
    let visible = case.known.model == ModelMode::Simulated;
    let reached = turns().any(|turn| turn.turn.files.iter().any(|file| reaches_by_content(turn, file)));
    let open = case.script.canary.needs.contains(&Need::Files) && about_names && visible;
    (open && !escaped && !reached).then(|| "no file reaches the agent, so its name leads nowhere".to_owned())
}

/// Returns whether the profile itself promises that text files are kept, so that a missing one is a failure.
pub(super) fn is_promised(case: Case<'_>) -> bool {
    case.known.text == Promise::Kept && !case.known.text_from_card
}

/// Returns whether a file reached the model in a turn, by its content or at least by its name.
pub(super) fn reaches(turn: &TurnSeen, file: &Attachment) -> bool {
    turn.prompted(&file.name) || reaches_by_content(turn, file)
}

fn reaches_by_content(turn: &TurnSeen, file: &Attachment) -> bool {
    let mut lines = file.content.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.any(|line| turn.prompted(line))
}

#[cfg(test)]
mod tests {
    use coalmine_world::Role;

    use super::*;
    use crate::{
        event::Verdict,
        judge::{
            Known, judge,
            testing::{KNOWN, call, script, turn_of},
        },
    };

    const CANARY: &str = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\nneeds = [\"files\"]\n\
                          [[turn]]\ncontext = \"a\"\nsay = \"Read the note.\"\n\
                          file = { name = \"../x.txt\", content = \"The code is 7.\\n\" }\n\
                          expect.reply.contains = \"7\"\nexpect.no-file = \"/tmp/x.txt\"\n";

    /// Returns the verdict on a turn with a prompt and an answer.
    fn verdict(prompt: &str, reply: &str, escaped: bool, known: &Known) -> Verdict {
        let script = script(CANARY);
        let mut turn = turn_of(1, script.turns[0].clone());
        let answer = if prompt.contains('7') { "It says 7." } else { reply };
        turn.calls = vec![call(&[(Role::User, prompt)], answer)];
        turn.reply = reply.into();
        turn.files_there = Ok(if escaped { vec!["/tmp/x.txt".into()] } else { vec![] });
        judge(&script, &[turn], known).verdict
    }

    #[test]
    fn name_of_a_file_that_never_arrives_leads_nowhere() {
        let unknown = KNOWN;
        let kept = Known { text: Promise::Kept, ..KNOWN };
        let from_card = Known { text_from_card: true, ..kept };
        for known in [unknown, kept, from_card] {
            assert_eq!(verdict("Read the note.", "It says 7.", false, &known), Verdict::Skip);
            assert_eq!(verdict("Read the note. The code is 7.", "It says 7.", false, &known), Verdict::Pass);
            assert_eq!(verdict("Read the note.", "It says 7.", true, &known), Verdict::Fail);
            assert_eq!(verdict("Read the note. The code is 7.", "Nothing.", false, &known), Verdict::Fail);
        }
        assert_eq!(verdict("Read the note.", "Nothing.", false, &from_card), Verdict::Skip);
        assert_eq!(verdict("Read the note.", "Nothing.", false, &kept), Verdict::Fail);
    }
}
