//! Skills: instructions for tasks of a kind, put beside the runtime by whoever runs it.
//!
//! Each is a folder with a `SKILL.md` in the open agent-skills format. The model is shown their names and what they are
//! for, and calls for the instructions of the one it needs.

mod file;
mod library;

pub(crate) use file::Skill;
pub(crate) use library::Skills;
