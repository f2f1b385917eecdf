//! What a turn leaves behind: `expect.max-model-calls`, `model-fault` as planned, `expect.no-file`.

use crate::{
    event::{Code, Diagnosis, Step},
    judge::{case::Case, outcome::Outcome, path::Break},
    observe::TurnSeen,
};

const EXECUTED_AGAIN: &str = "a redelivered message was executed again, which the specification allows; set \
                              `delivery.once = \"kept\"` in the profile to require that it is not";

pub(in crate::judge) fn model_calls(case: Case<'_>, turn: &TurnSeen) -> Outcome {
    let max = turn.turn.max_model_calls.unwrap_or_default();
    let expected = format!("at most {max} call(s) to the model");
    let within = turn.stays_within_calls();
    if !within && !case.known.must_execute_once(turn) {
        return Outcome::skip(expected, EXECUTED_AGAIN);
    }
    let going_on = if turn.quiet == Some(false) { " and counting" } else { "" };
    Outcome::test(within, expected, format!("{} call(s){going_on}", turn.calls.len()))
}

pub(in crate::judge) fn model_fault(turn: &TurnSeen) -> Outcome {
    let planned = turn.turn.model_fault.named().len();
    let made = turn.calls.iter().filter(|call| call.content.model_fault.is_some()).count();
    let expected = format!("{planned} model answer(s) fail as planned");
    if made < planned {
        return Outcome::skip(expected, format!("{made} did: the model was not called more often"));
    }
    Outcome::test(true, expected, format!("{made} did"))
}

pub(in crate::judge) fn no_file(turn: &TurnSeen) -> Outcome {
    let expected = format!("no file {}", turn.turn.no_file.join(", "));
    match &turn.files_there {
        Ok(there) => Outcome::test(there.is_empty(), expected, there.join(", ")),
        Err(reason) => Outcome::skip(expected, reason),
    }
}

/// Returns the cause if the model was called more often than the turn is worth.
pub(in crate::judge) fn too_many_calls(turn: &TurnSeen) -> Diagnosis {
    let count = turn.calls.len();
    let broke = if turn.turn.send.again {
        let sentence = format!("a redelivered message was executed again ({count} calls to the model)");
        Break::new(Code::WireDuplicateExecuted, Step::Sent, sentence)
    } else {
        let max = turn.turn.max_model_calls.unwrap_or_default();
        let sentence =
            format!("the runtime keeps calling the model: {count} calls, at most {max} were expected");
        Break::new(Code::PromptRunsOn, Step::Prompt, sentence)
    };
    broke.after_sending(turn)
}

/// Returns the cause if a file was written outside the runtime's own folders.
pub(in crate::judge) fn file_escaped(turn: &TurnSeen) -> Diagnosis {
    let file = turn.files_there.iter().flatten().next().map_or("", String::as_str);
    let sentence = format!("a file name led the runtime out of its upload folder: it wrote {file}");
    Break::new(Code::SessionFileEscaped, Step::Store, sentence).after_sending(turn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::Verdict,
        judge::{
            check::Check,
            testing::{call, checked, turn},
        },
    };

    #[test]
    fn too_many_calls_run_on() {
        let mut turn = turn(1, "Hello.");
        turn.turn.max_model_calls = Some(1);
        turn.calls = vec![call(&[], "Hi.")];
        assert_eq!(checked(&[turn.clone()], Check::ModelCalls).0.verdict, Verdict::Pass);
        turn.quiet = Some(false);
        let (outcome, cause) = checked(&[turn.clone()], Check::ModelCalls);
        assert_eq!(
            (outcome.actual.as_str(), cause.unwrap().code),
            ("1 call(s) and counting", Code::PromptRunsOn)
        );
        // the specification lets a runtime execute a redelivered message again
        turn.turn.send.again = true;
        assert_eq!(checked(&[turn], Check::ModelCalls).0.verdict, Verdict::Skip);
    }

    #[test]
    fn a_file_outside_its_folder_escaped() {
        let mut turn = turn(1, "Hello.");
        turn.turn.no_file = vec!["/tmp/x".into()];
        assert_eq!(checked(&[turn.clone()], Check::NoFile).0.verdict, Verdict::Pass);
        turn.files_there = Ok(vec!["/tmp/x".into()]);
        let cause = checked(&[turn.clone()], Check::NoFile).1.unwrap();
        assert_eq!((cause.code, cause.sentence.contains("/tmp/x")), (Code::SessionFileEscaped, true));
        turn.files_there = Err("the disk cannot be seen".into());
        assert_eq!(checked(&[turn], Check::NoFile).0.verdict, Verdict::Skip);
    }
}
