//! What every test needs: a place to run the binary in, and ways to wait for what it does.

mod place;
mod shown;
mod wait;

pub(crate) use place::{COALMINE, Done, Live, Place, codes, read_json, red, verdicts};
pub(crate) use shown::{assert_shown, filters};
pub(crate) use wait::{PATIENCE, until, within};
