//! Talking to the runtime as the platform does: one client, one endpoint, the conversations of all canaries.

mod turn;
mod conversations;
mod approval;
mod context;
mod attach;
mod route;
mod candidates;
mod attempt;
mod mid_turn;

pub use candidates::Ports;
pub(crate) use candidates::{endpoints, other_ports};
pub use conversations::Conversations;
pub(crate) use conversations::names_rate;
pub use mid_turn::wait_until;
pub use route::Route;
pub use turn::{ActionOutcome, Delivery, Reply, UserTurn};
