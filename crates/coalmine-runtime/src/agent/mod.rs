//! The agent: takes a message in, works on it whoever listens, and delivers.

mod assistant;
mod canary;
mod deliver;
mod error;
mod hangup;
mod input;
mod peer;
mod skill;
mod submit;
mod think;
mod turn;

pub(crate) use assistant::Agent;
pub(crate) use hangup::Streams;
