//! The binary from outside: started as a person starts it, judged by what it prints, writes and leaves behind.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod checks;
mod endings;
mod faults;
mod hostile;
mod hostile_text;
mod interrupts;
mod legacy;
mod lenient;
mod lists;
mod live;
mod own;
mod refusals;
mod report;
mod rounds;
mod schemas;
mod seeds;
mod strict;
mod support;
mod transcripts;
mod model_fault;
mod url;
mod world;
