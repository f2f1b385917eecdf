//! The programs of others: cosign, which is built here, and a registry.

use std::process::Command;

use camino::Utf8PathBuf;

use crate::{failure::Failure, printer::Printer, repository, tool};

/// The version of cosign whose statements were looked at.
const COSIGN: &str = "v2.6.5";

#[derive(Debug)]
pub(super) struct Tools {
    pub(super) cosign: Utf8PathBuf,
    pub(super) registry: Utf8PathBuf,
}

impl Tools {
    /// Finds the programs, and builds cosign if this version of it is not there.
    pub(super) fn find(printer: &mut Printer) -> Result<Self, Failure> {
        let registry = "docker-registry";
        if Command::new(registry).arg("--version").output().is_err() {
            return Err(Failure::new(format!("MISSING: the program `{registry}`, a container registry"))
                .hint("apt-get install docker-registry"));
        }
        let folder = repository::target(&format!("cosign-{COSIGN}"));
        let cosign = folder.join("cosign");
        if !cosign.exists() {
            printer.note(format_args!("building cosign {COSIGN}; this takes some minutes"));
            let mut go = Command::new("go");
            let module = format!("github.com/sigstore/cosign/v2/cmd/cosign@{COSIGN}");
            go.args(["install", &module]).env("GOBIN", &folder);
            tool::run_silently(&mut go, &format!("MISSING: cosign {COSIGN}, which could not be built"))
                .map_err(|failure| failure.hint("install Go 1.25 or newer"))?;
        }
        Ok(Self { cosign, registry: registry.into() })
    }
}
