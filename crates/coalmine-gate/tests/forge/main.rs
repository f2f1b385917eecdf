//! The forge client, against a stand-in that answers as real servers did.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod changes;
mod credentials;
mod faults;
mod github;
mod protection;
mod pulls;
mod reads;
mod recorded;
mod statuses;
mod support;
