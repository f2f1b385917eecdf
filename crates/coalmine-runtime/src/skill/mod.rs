//! Skills: instructions for certain kinds of tasks, which the operator puts beside the runtime.
//!
//! Each skill is a folder with a `SKILL.md` in the open agent-skills format. The model sees their names and
//! descriptions, and calls for the instructions of the one that it needs.

mod library;
mod file;

pub(crate) use file::Skill;
pub(crate) use library::Skills;
