//! Tests of the binary from outside, by what it prints, writes and leaves behind.

#![expect(clippy::unwrap_used, reason = "tests fail at the first missing value")]

mod checks;
mod codes;
mod connections;
mod endings;
mod faults;
mod hostile;
mod hostile_files;
mod hostile_text;
mod interrupts;
mod legacy;
mod lenient;
mod limits;
mod lists;
mod live;
mod model_fault;
mod own;
mod processes;
mod promises;
mod refusals;
mod report;
mod rounds;
mod runs;
mod schemas;
mod seeds;
mod strict;
mod support;
mod transcripts;
mod url;
mod world;
