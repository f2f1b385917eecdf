//! The agent: takes a message, runs its turn whether or not a client listens, and delivers the answer.

mod assistant;
mod submit;
mod turn;
mod input;
mod think;
mod tools;
mod canary;
mod outcome;
mod deliver;
mod hangup;

pub(crate) use assistant::Agent;
pub(crate) use hangup::Streams;
