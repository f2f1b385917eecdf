//! Why a package manager failed, read from what it printed.

use crate::failure::Failure;

/// What pip and npm print if the network is at fault. pip goes on to report the package as missing, so these come first.
const NETWORK: [&str; 18] = [
    "error sending request for url",
    "Retrying (Retry(",
    "ReadTimeoutError",
    "Read timed out",
    "ConnectionResetError",
    "ProtocolError",
    "IncompleteRead",
    "Temporary failure in name resolution",
    "ECONNREFUSED",
    "ECONNRESET",
    "EAI_AGAIN",
    "ENOTFOUND",
    "ETIMEDOUT",
    "ERR_SOCKET_TIMEOUT",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "504 Gateway Time",
    "429 Too Many Requests",
];

/// What stands before and after the name of a missing package, in the words of pip, of uv, of npm without the package and of
/// npm without the version.
const MISSING: [(&str, char); 4] = [
    ("No matching distribution found for ", '\n'),
    ("and you require ", ','),
    ("The requested resource '", '\''),
    ("No matching version found for ", ' '),
];

/// What pip and npm print if a downloaded file is not the one that was locked.
const CHANGED: [&str; 2] = ["DO NOT MATCH THE HASHES", "EINTEGRITY"];

/// Why a package manager failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    NotStarted { program: String, error: String },
    Network { printed: String },
    Missing { package: String },
    Changed { printed: String },
    Other { printed: String },
}

impl Problem {
    /// Finds the reason in the output of pip, uv or npm.
    pub(super) fn read(printed: &str) -> Self {
        let has_any = |texts: &[&str]| texts.iter().any(|text| printed.contains(text));
        if has_any(&NETWORK) {
            return Self::Network { printed: printed.to_owned() };
        }
        if has_any(&CHANGED) {
            return Self::Changed { printed: printed.to_owned() };
        }
        match MISSING.iter().find_map(|(before, after)| name_between(printed, before, *after)) {
            Some(package) => Self::Missing { package },
            None => Self::Other { printed: printed.to_owned() },
        }
    }

    pub(super) fn into_failure(self, what: &str) -> Failure {
        let failure = Failure::new(what);
        match self {
            Self::NotStarted { program, error } => failure
                .because(format_args!("`{program}` could not be started: {error}"))
                .hint("install Python 3.11 or newer with venv, and Node.js 20 or newer with npm"),
            Self::Network { printed } => failure
                .because(format_args!(
                    "the package registry could not be reached, several times in a row\n{}",
                    printed.trim()
                ))
                .hint("check the network, and run it again"),
            Self::Missing { package } => {
                failure.because(format_args!("the package registry does not have `{package}`")).hint(
                    "check the name and the version, and generate the lock file again (`cargo xtask newest`)",
                )
            }
            Self::Changed { printed } => failure
                .because(format_args!("a file is not the one that was locked\n{}", printed.trim()))
                .hint("find out why it changed before you generate the lock file again"),
            Self::Other { printed } => failure.because(printed.trim()),
        }
    }
}

/// Returns the text between `before` and the next `after`, a blank or the end of the line.
fn name_between(printed: &str, before: &str, after: char) -> Option<String> {
    let (_, rest) = printed.split_once(before)?;
    let name = rest.split(|letter: char| letter == after || letter.is_whitespace()).next()?;
    let name = name.trim_end_matches(['.', ',']);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_missing_package() {
        let pip = "ERROR: Could not find a version that satisfies the requirement nosuch==9 (from versions: none)\n\
                   ERROR: No matching distribution found for nosuch==9\n";
        let uv = "error: No solution found\n  cause: Because there is no version of nosuch==9 and you require \
                  nosuch==9, we can conclude that your requirements are unsatisfiable.\n";
        let npm_package =
            "npm error code E404\nnpm error 404  The requested resource 'nosuch@9' could not be found\n";
        let npm_version =
            "npm error code ETARGET\nnpm error notarget No matching version found for nosuch@9.\n";
        for (printed, package) in
            [(pip, "nosuch==9"), (uv, "nosuch==9"), (npm_package, "nosuch@9"), (npm_version, "nosuch@9")]
        {
            assert_eq!(Problem::read(printed), Problem::Missing { package: package.to_owned() });
        }
    }

    #[test]
    fn network_errors_come_before_missing_packages() {
        let pip = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError'\n\
                   ERROR: No matching distribution found for openai==1\n";
        let npm = "npm error code EAI_AGAIN\nnpm error request to a registry failed\n";
        let uv = "error: Request failed after 3 retries\n  cause: error sending request for url (x)\n";
        for printed in [pip, uv, npm] {
            assert_eq!(Problem::read(printed), Problem::Network { printed: printed.to_owned() });
        }
    }

    #[test]
    fn a_changed_file_is_named_so() {
        let pip = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n";
        assert_eq!(Problem::read(pip), Problem::Changed { printed: pip.to_owned() });
    }

    #[test]
    fn anything_else_is_quoted() {
        let failure = Problem::read("  disk full \n").into_failure("could not install x");
        assert_eq!(failure.cause.as_deref(), Some("disk full"));
    }
}
