//! One run, from the plan to the last event.

mod artifacts;
mod boot;
mod canary;
mod engine;
mod lifecycle;
mod inspect;
mod needs;
mod options;
mod probe;
mod quiet;
mod rounds;
mod attribution;
mod state;
mod surroundings;
mod parallel;
mod turn;
mod wiring;

pub use artifacts::{Artifacts, ArtifactsError};
pub use engine::{Interrupt, run};
pub use options::{Options, Repeat};
