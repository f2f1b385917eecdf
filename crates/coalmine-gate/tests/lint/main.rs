//! The lint: what it finds, and what it leaves alone.

#![expect(clippy::unwrap_used, reason = "tests fail at the first missing value")]

mod contexts;
mod ignores;
mod measured;
mod pages;
mod rules;
mod sets;
mod properties;
mod support;
