//! What every test needs: a place to run the binary in, and ways to wait for what it does.

mod harm;
mod hostile;
mod place;
mod processes;
mod shown;
mod silence;
mod wait;

pub(crate) use harm::{assert_harmless, assert_junit, assert_no_control};
pub(crate) use hostile::{Hostile, Misdeed, head};
pub(crate) use place::{
    CLASSICAL, COALMINE, Done, Live, Place, codes, free_address, read_json, red, verdicts,
};
pub(crate) use processes::{Mourner, processes_of, slay};
pub(crate) use shown::{assert_shown, filters};
pub(crate) use silence::Silence;
pub(crate) use wait::{until, within};
