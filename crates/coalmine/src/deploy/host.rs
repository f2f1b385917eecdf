//! The environment of this process, as far as the engine needs them. The command line reads them, once.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

use camino::Utf8PathBuf;
use nix::unistd::Uid;

/// The variables that a local runtime inherits, beside those whose names begin with `LC_`. Everything else may be a
/// credential, or a way to affect what comes after the run, such as `GITHUB_ENV`.
const GIVEN: [&str; 6] = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"];

/// The environment variables of the process that runs coalmine.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HostEnvironment {
    variables: BTreeMap<OsString, OsString>,
    adopting: bool,
}

impl HostEnvironment {
    /// Returns an environment of these variables, such as those of `std::env::vars_os`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self { variables: variables.into_iter().collect(), adopting: false }
    }

    /// Returns the variables that a local runtime inherits. A user who wants the runtime to have another one passes
    /// it with `--env` or in the profile.
    pub(super) fn inherited(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let is_given = |name: &str| GIVEN.contains(&name) || name.starts_with("LC_");
        self.variables
            .iter()
            .filter(move |(name, _)| name.to_str().is_some_and(is_given))
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Says whether all processes below this one belong to the runtime: the outcome of
    /// [`adopt_orphans`](super::adopt_orphans).
    #[must_use]
    pub fn adopting(self, adopting: bool) -> Self {
        Self { adopting, ..self }
    }

    pub(super) fn is_adopting(&self) -> bool {
        self.adopting
    }

    /// Returns the addresses where a container engine may listen, in order. An explicit `DOCKER_HOST` stands
    /// alone.
    pub(super) fn engine_addresses(&self) -> Vec<String> {
        if let Some(host) = self.text("DOCKER_HOST") {
            return vec![host.to_owned()];
        }
        let mut sockets = vec!["/var/run/docker.sock".to_owned()];
        if let Some(runtime) = self.text("XDG_RUNTIME_DIR") {
            sockets.push(format!("{runtime}/docker.sock"));
            sockets.push(format!("{runtime}/podman/podman.sock"));
        }
        if let Some(home) = self.text("HOME") {
            sockets.push(format!("{home}/.docker/run/docker.sock"));
        }
        sockets.push("/run/podman/podman.sock".to_owned());
        sockets.into_iter().map(|socket| format!("unix://{socket}")).collect()
    }

    /// Returns the folder for the ledger of runs: `$XDG_RUNTIME_DIR/coalmine`, else a folder of this user's
    /// in the system's temporary folder.
    pub(crate) fn ledger_folder(&self) -> Utf8PathBuf {
        if let Some(runtime) = self.text("XDG_RUNTIME_DIR") {
            return Utf8PathBuf::from(runtime).join("coalmine");
        }
        let temporary = self.text("TMPDIR").unwrap_or("/tmp");
        Utf8PathBuf::from(temporary).join(format!("coalmine-{}", Uid::current()))
    }

    /// Returns a variable that is set, not empty, and text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(OsStr::new(name))?.to_str().filter(|value| !value.is_empty())
    }
}

/// Shows no values: they may be credentials.
impl std::fmt::Debug for HostEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostEnvironment").field("variables", &self.variables.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(variables: &[(&str, &str)]) -> HostEnvironment {
        HostEnvironment::new(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn only_what_is_listed_is_inherited() {
        let host = host(&[
            ("PATH", "/bin"),
            ("LC_CTYPE", "C.UTF-8"),
            ("OPENAI_API_KEY", "k"),
            ("DATABASE_URL", "postgres://u:p@h"),
            ("GITHUB_ENV", "/f"),
            ("SSH_AUTH_SOCK", "/s"),
            ("https_proxy", "p"),
            ("COALMINE_FAULT", "f"),
            ("PATHS", "x"),
        ]);
        let names: Vec<_> = host.inherited().map(|(name, _)| name).collect();
        assert_eq!(names, ["LC_CTYPE", "PATH"]);
    }

    #[test]
    fn docker_host_stands_alone() {
        assert_eq!(host(&[("DOCKER_HOST", "tcp://h:1"), ("HOME", "/h")]).engine_addresses(), ["tcp://h:1"]);
        let usual =
            host(&[("DOCKER_HOST", ""), ("HOME", "/h"), ("XDG_RUNTIME_DIR", "/r")]).engine_addresses();
        assert_eq!(usual[0], "unix:///var/run/docker.sock");
        assert!(usual.contains(&"unix:///r/docker.sock".to_owned()));
        assert!(usual.contains(&"unix:///h/.docker/run/docker.sock".to_owned()));
    }

    #[test]
    fn ledger_folder_belongs_to_the_user() {
        assert_eq!(host(&[("XDG_RUNTIME_DIR", "/run/user/7")]).ledger_folder(), "/run/user/7/coalmine");
        let folder = host(&[("TMPDIR", "/t")]).ledger_folder();
        assert_eq!(folder, format!("/t/coalmine-{}", Uid::current()));
    }

    #[test]
    fn debug_output_shows_no_values() {
        let shown = format!("{:?}", host(&[("OPENAI_API_KEY", "sk-secret")]));
        assert!(!shown.contains("sk-secret"), "{shown}");
    }
}
