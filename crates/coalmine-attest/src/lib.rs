//! Verdicts that can be trusted later: what a run says about an image, as statements of in-toto, and the decision
//! whether such a statement is accepted.
//!
//! In the order of the flow:
//!
//! 1. [`attest()`] turns the summary of a run and its [`Provenance`] into an [`Attestation`], which is written as files.
//! 2. Other programs sign these and attach them to the image.
//! 3. [`read()`] reads what comes back: a statement, or envelopes with statements. It refuses what two readers could
//!    understand in two ways.
//! 4. [`verify()`] compares the statements with what is [`Expected`], and returns each reason to reject them.
//!
//! Nothing here talks to an engine, a registry or a forge. A wrong accept is the worst that can happen here, so whatever is
//! in doubt is rejected.

mod sha256;
mod time;
mod statement;
mod predicate;

mod provenance;
mod attest;

mod strict_json;
mod key;
mod envelope;
mod read;
mod expected;
mod verify;

#[cfg(test)]
mod testing;

pub use attest::{Attestation, NotAttested, attest};
pub use expected::{Expected, ExpectedImage};
pub use key::PublicKey;
pub use predicate::{Decision, Outcome, Reservation, RunDetails, TestResult, Verifier};
pub use provenance::{CanarySet, JudgedImage, Mode, Named, Provenance};
pub use read::{Document, SignedStatement, Unreadable, read};
pub use sha256::Sha256;
pub use statement::{
    PAYLOAD_TYPE, ResourceDescriptor, STATEMENT_V0_1, STATEMENT_V1, SVR_V0_1, Statement, TEST_RESULT_V0_1,
};
pub use verify::{Accepted, verify};
