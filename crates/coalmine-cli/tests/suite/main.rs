//! Tests of the binary from outside, by what it prints, writes and leaves behind.

#![expect(clippy::unwrap_used, reason = "tests fail at the first missing value")]

mod approvals;
mod attest;
mod baseline;
mod checks;
mod ci;
mod codes;
mod compare;
mod connections;
mod endings;
mod evidence;
mod faults;
mod hostile;
mod hostile_files;
mod hostile_text;
mod init;
mod interrupts;
mod legacy;
mod lenient;
mod limits;
mod lists;
mod live;
mod model_fault;
mod new_profile;
mod own;
mod panics;
mod processes;
mod project;
mod promises;
mod refusals;
mod report;
mod rollout;
mod rounds;
mod runs;
mod schemas;
mod secrets;
mod seeds;
mod shards;
mod strange_agents;
mod strict;
mod support;
mod transcripts;
mod url;
mod world;
