//! `expect.reply.same-as`: two ways of asking bring the same reply.

use crate::{
    event::{Code, Diagnosis, Step},
    judge::{
        outcome::Outcome,
        path::{Break, short},
    },
    observe::TurnSeen,
};

pub(in crate::judge) fn evaluate(turn: &TurnSeen, other: &TurnSeen) -> Outcome {
    let expected = format!("the reply of turn {}: {}", other.number, other.reply);
    Outcome::test(turn.says_the_same_as(other), expected, &turn.reply)
}

pub(in crate::judge) fn cause(turn: &TurnSeen, other: &TurnSeen) -> Diagnosis {
    let sentence = format!(
        "turn {} was answered `{}`, but turn {} was answered `{}`",
        turn.number,
        short(&turn.reply),
        other.number,
        short(&other.reply)
    );
    Break::new(Code::ReplyDiffers, Step::Reply, sentence).after_sending(turn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{
        check::Check,
        testing::{checked, turn},
    };

    #[test]
    fn replies_may_differ_in_space_only() {
        let first = TurnSeen { reply: "It is  teal.\n".into(), ..turn(1, "Which?") };
        let mut second = TurnSeen { reply: "It is teal.".into(), ..turn(2, "Which?") };
        assert_eq!(checked(&[second.clone()], Check::SameAs(&first)).1, None);
        second.reply = "It is green.".into();
        let cause = checked(&[second], Check::SameAs(&first)).1.unwrap();
        assert_eq!((cause.code, cause.turn), (Code::ReplyDiffers, Some(2)));
    }
}
