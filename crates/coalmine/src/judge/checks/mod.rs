//! A room for each check: how it is evaluated, its sentences, and the cause of its failure.

pub(super) mod answered;
pub(super) mod content;
pub(super) mod context;
pub(super) mod from_model;
pub(super) mod leak;
pub(super) mod memory;
pub(super) mod peers;
pub(super) mod same_as;
pub(super) mod session;
pub(super) mod session_key;
pub(super) mod side_effects;
pub(super) mod unanswered;
