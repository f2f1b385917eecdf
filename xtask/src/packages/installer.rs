//! Running a package manager: once more after a network problem, and with a clear error otherwise.

use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use super::problem::Problem;
use crate::failure::Failure;

/// The pauses before the second and the third attempt.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// Runs a package manager silently; `what` is the error message if it fails.
pub(crate) fn install(command: &mut Command, what: &str) -> Result<(), Failure> {
    with_retries(&PAUSES, || attempt(command)).map_err(|problem| problem.into_failure(what))
}

fn attempt(command: &mut Command) -> Result<(), Problem> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => {
            let printed = [done.stderr, done.stdout].concat();
            Err(Problem::read(&String::from_utf8_lossy(&printed)))
        }
        Err(error) => Err(Problem::NotStarted { program, error: error.to_string() }),
    }
}

/// Calls `attempt` until it succeeds or has failed for another reason than the network, at most once more than there are
/// `pauses`.
fn with_retries(
    pauses: &[Duration],
    mut attempt: impl FnMut() -> Result<(), Problem>,
) -> Result<(), Problem> {
    for pause in pauses {
        match attempt() {
            Err(Problem::Network { .. }) => thread::sleep(*pause),
            done => return done,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_PAUSES: [Duration; 2] = [Duration::ZERO; 2];

    fn network() -> Result<(), Problem> {
        Err(Problem::Network { printed: "timed out".to_owned() })
    }

    #[test]
    fn network_problems_are_retried() {
        let mut outcomes = [network(), network(), Ok(())].into_iter();
        assert_eq!(with_retries(&NO_PAUSES, || outcomes.next().unwrap()), Ok(()));
        assert_eq!(outcomes.next(), None);
    }

    #[test]
    fn retries_end() {
        let mut attempts = 0;
        let outcome = with_retries(&NO_PAUSES, || {
            attempts += 1;
            network()
        });
        assert_eq!((outcome, attempts), (network(), 3));
    }

    #[test]
    fn missing_packages_are_not_retried() {
        let missing = || Err(Problem::Missing { package: "nosuch==1".to_owned() });
        let mut outcomes = [missing()].into_iter();
        assert_eq!(with_retries(&NO_PAUSES, || outcomes.next().unwrap()), missing());
    }

    #[test]
    fn an_absent_package_manager_is_named() {
        let failure =
            install(&mut Command::new("no-such-package-manager"), "could not install x").unwrap_err();
        assert_eq!(failure.what, "could not install x");
        assert!(failure.cause.unwrap().starts_with("`no-such-package-manager` could not be started: "));
    }
}
