//! A loss on the way through the memory: offered, called, answered, kept, read.

use super::{Loss, Wanted};
use crate::{
    event::{Code, Step},
    judge::path::{Break, FactPath, short},
    observe::TurnSeen,
    plan::MemoryRule,
};

/// Finds where a fact was lost between the turn that stated it and the turn that wants it. Without the simulated model, only
/// the memory itself can be seen.
pub(super) fn lost(path: &mut FactPath, loss: Loss<'_>, stated: &TurnSeen, simulated: bool) -> Break {
    let Loss { turn, wanted, .. } = loss;
    if let Some(earlier) = known_before(loss, stated) {
        let sentence = format!("{wanted} was recalled in turn {} but is no longer in memory", earlier.number);
        return tool(Code::ToolMemoryLost, sentence);
    }
    let mut kept = turn.memory.kept.iter().chain(&stated.memory.kept);
    if kept.any(|text| wanted.is_in(text)) {
        path.ok(Step::Store, format!("the memory holds {wanted}"));
        return not_read(turn);
    }
    if simulated {
        return not_kept(turn, stated, wanted);
    }
    tool(Code::ToolMemoryNotWritten, format!("{wanted} is nowhere in the runtime's memory"))
}

/// Returns the turn in between that recalled a fact which the memory does not hold any more.
fn known_before<'a>(loss: Loss<'a>, stated: &TurnSeen) -> Option<&'a TurnSeen> {
    let Loss { case, turn, wanted, .. } = loss;
    if turn.memory.kept.iter().any(|text| wanted.is_in(text)) {
        return None;
    }
    case.turns.iter().find(|between| {
        stated.number < between.number
            && between.number < turn.number
            && between.turn.memory == Some(MemoryRule::Read)
            && between.memory.results.iter().any(|text| wanted.is_in(text))
    })
}

/// Returns the break of a fact that the memory does not hold: how far did writing it get?
fn not_kept(turn: &TurnSeen, stated: &TurnSeen, wanted: &Wanted<'_>) -> Break {
    if stated.calls.is_empty() {
        let sentence = format!("the runtime did not call the model in turn {}", stated.number);
        return Break::new(Code::PromptNoModelCall, Step::Prompt, sentence);
    }
    if stated.memory.write_tools.is_empty() {
        let sentence = format!("the model was offered no tool to remember with in turn {}", stated.number);
        return tool(Code::ToolNotOffered, sentence);
    }
    let tools = stated.memory.write_tools.join("`, `");
    if !stated.memory.written.iter().any(|text| wanted.is_in(text)) {
        return tool(Code::ToolNotCalled, format!("the model never called `{tools}` with {wanted}"));
    }
    if stated.memory.results.is_empty() {
        return tool(Code::ToolResultMissing, "the model's call to remember never got a result".to_owned());
    }
    if turn.memory.reads == 0 {
        let sentence = format!(
            "{wanted} was passed to `{tools}`, but in turn {} the model was offered no tool to read it with, and no prompt \
             held it; if a tool of another name reads the memory, name it in `[tools]` of the profile",
            turn.number
        );
        return tool(Code::ToolMemoryNotRead, sentence);
    }
    let read = if turn.memory.results.is_empty() {
        "nothing in the memory holds it".to_owned()
    } else {
        format!("reading the memory returned: {}", short(&turn.memory.results.join(" | ")))
    };
    let sentence = format!(
        "the tool acknowledged {wanted}, and then {read}; where the runtime writes cannot be seen from outside, so a fact \
         that was not written and one that was not found look the same"
    );
    tool(Code::ToolMemoryNotWritten, sentence)
}

/// Returns the break of a fact that the memory holds.
fn not_read(turn: &TurnSeen) -> Break {
    let how = if turn.memory.reads > 0 {
        format!("reading it returned: {}", short(&turn.memory.results.join(" | ")))
    } else if turn.memory.read_tools.is_empty() {
        "the model was offered no tool to read it with, and no prompt held it".to_owned()
    } else {
        "it was not read".to_owned()
    };
    tool(Code::ToolMemoryNotRead, format!("the memory holds the fact, but {how}"))
}

fn tool(code: Code, sentence: String) -> Break {
    Break::new(code, Step::Tool, sentence)
}

#[cfg(test)]
mod tests {
    use coalmine_world::Role;

    use super::*;
    use crate::{
        judge::{
            loss,
            testing::{call, turn, with_case},
        },
        observe::MemorySeen,
    };

    /// The code of a fact that was stated in context `a` and is missing in context `b`.
    fn code(stated: MemorySeen, asking: MemorySeen) -> Code {
        let mut first = turn(1, "My boat is Zorvane-4417.");
        first.calls = vec![call(&[(Role::User, "My boat is Zorvane-4417.")], "Noted.")];
        first.memory = stated;
        let mut second = turn(2, "Which boat?");
        second.turn.context = "b".into();
        second.calls = vec![call(&[(Role::User, "Which boat?")], "I don't know.")];
        (second.memory, second.reply) = (asking, "I don't know.".into());
        let turns = [first, second];
        with_case(&turns, |case| loss::cause(case, &turns[1], &Wanted::Text("Zorvane-4417")).code)
    }

    #[test]
    fn each_step_through_the_memory_has_a_code() {
        let none = MemorySeen::default;
        assert_eq!(code(none(), none()), Code::ToolNotOffered);
        let offered = MemorySeen { write_tools: vec!["remember".into()], ..none() };
        assert_eq!(code(offered.clone(), none()), Code::ToolNotCalled);
        let called = MemorySeen { written: vec!["{\"text\":\"Zorvane-4417\"}".into()], ..offered };
        assert_eq!(code(called.clone(), none()), Code::ToolResultMissing);
        let acknowledged = MemorySeen { results: vec!["ok".into()], ..called };
        assert_eq!(code(acknowledged.clone(), none()), Code::ToolMemoryNotRead);
        let read = MemorySeen { reads: 1, ..none() };
        assert_eq!(code(acknowledged.clone(), read.clone()), Code::ToolMemoryNotWritten);
        let kept = MemorySeen { kept: vec!["Zorvane-4417".into()], ..read };
        assert_eq!(code(acknowledged, kept), Code::ToolMemoryNotRead);
    }
}
