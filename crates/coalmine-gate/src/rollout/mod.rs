//! The rollout of the gate over a fleet of template repositories. What a forge is asked is in
//! [`survey`], what it is told in [`act`]; everything else here decides, and is pure.
//!
//! - [`fleet`] reads `fleet.toml`: which repositories there are, in which order they follow, and how long each bakes.
//! - [`gate`] is the canonical workflow file.
//! - [`history`] and [`evidence`] say what the heads of pull requests show; [`bake`] counts it on a [`calendar`].
//! - [`doctor`] compares what is required with what is posted.
//! - [`require`] is the proof that the gate may be required, and the change of the protection.
//! - [`status`] says what is next in the fleet, and who has to do it.
//! - [`comment`] is the gate's one comment on a pull request.

pub mod act;
pub mod bake;
pub mod calendar;
pub mod comment;
pub mod doctor;
pub mod evidence;
pub mod fleet;
pub mod gate;
pub mod history;
pub mod onboard;
pub mod require;
pub mod status;
pub mod survey;

#[cfg(test)]
mod tests;
