//! Shared helpers: a sandbox for the binary, hostile and hanging servers, and ways to wait.

mod agent;
mod harmless;
mod hostile;
mod sandbox;
mod processes;
mod shown;
mod hanging_model;
mod wait;

pub(crate) use agent::{AgentServer, ask_model};
pub(crate) use hanging_model::HangingModel;
pub(crate) use harmless::{assert_harmless, assert_junit, assert_no_control};
pub(crate) use hostile::{Attack, HostileServer, head};
pub(crate) use processes::{KillOnDrop, kill, processes_of};
pub(crate) use sandbox::{
    CLASSICAL, COALMINE, Child, Output, Sandbox, codes, free_address, read_json, red, verdicts,
};
pub(crate) use shown::{assert_shown, filters};
pub(crate) use wait::{until, within};
