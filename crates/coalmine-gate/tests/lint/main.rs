//! The lint: what it finds, and what it leaves alone.

mod contexts;
mod ignores;
mod measured;
mod pages;
mod rules;
mod sets;
mod properties;
mod support;
