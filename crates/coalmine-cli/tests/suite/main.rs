//! The binary from outside: started as a person starts it, judged by what it prints, writes and leaves behind.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod faults;
mod lists;
mod refusals;
mod schemas;
mod seeds;
mod support;
mod transcripts;
