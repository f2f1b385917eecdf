//! One run, from the plan to the last event.

mod artifacts;
mod boot;
mod canary;
mod engine;
mod lifecycle;
mod look;
mod needs;
mod options;
mod probe;
mod quiet;
mod rounds;
mod share;
mod state;
mod surroundings;
mod together;
mod turn;
mod wiring;

pub use artifacts::{Artifacts, ArtifactsError};
pub use engine::{Interrupt, run};
pub use options::{Options, Repeat, WorldAddress};
