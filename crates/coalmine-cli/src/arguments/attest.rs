//! The arguments of attestations and of their verification.

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;
use coalmine_attest::Sha256;

/// What a run says about its image for later.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AttestArguments {
    /// Write statements about the image into the folder `attestation` of the run, to be signed; see docs/attestation.md
    #[arg(long, requires = "image", help_heading = "Attestation")]
    pub(crate) attest: bool,
    /// Accept an image without a manifest digest, one that was never pushed: the statement is about its image id
    #[arg(long, requires = "attest", help_heading = "Attestation")]
    pub(crate) attest_image_id: bool,
    /// The workflow file whose digest is recorded; by default the one that `GITHUB_WORKFLOW_REF` names
    #[arg(long, value_name = "FILE", requires = "attest", help_heading = "Attestation")]
    pub(crate) workflow: Option<Utf8PathBuf>,
}

/// What a statement must say to be accepted.
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArguments {
    /// A statement of in-toto or its envelope (DSSE), or several, one a line, as `cosign verify-attestation` prints them;
    /// `-` for stdin
    #[arg(value_name = "STATEMENT|ENVELOPE")]
    pub(crate) file: Utf8PathBuf,
    /// The image that is about to be used: `NAME@sha256:…`; or a name or an image id, which the container engine looks up
    #[arg(long, value_name = "REF")]
    pub(crate) image: String,
    /// The public key (PEM) that must have signed the statement; without it, signatures are not checked
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<Utf8PathBuf>,
    /// How long ago the run may have ended, such as `12h` or `7d`
    #[arg(long, value_name = "TIME", value_parser = age)]
    pub(crate) max_age: Option<Duration>,
    /// Accept a run in which canaries were skipped
    #[arg(long)]
    pub(crate) allow_skips: bool,
    /// Accept a run that passed with reservations of any kind
    #[arg(long)]
    pub(crate) allow_warnings: bool,
    /// The digest of the canaries with which the image must have been judged
    #[arg(long, value_name = "DIGEST")]
    pub(crate) canaries: Option<Sha256>,
    /// The digest of the profile
    #[arg(long, value_name = "DIGEST")]
    pub(crate) profile: Option<Sha256>,
    /// The digest of the coalmine binary
    #[arg(long, value_name = "DIGEST")]
    pub(crate) binary: Option<Sha256>,
    /// The digest of the workflow file
    #[arg(long, value_name = "DIGEST")]
    pub(crate) workflow: Option<Sha256>,
}

/// Parses a number of minutes, hours or days.
fn age(text: &str) -> Result<Duration, String> {
    let expected = || "expected a number with a unit, such as `30m`, `12h` or `7d`".to_owned();
    let units = [('m', 60), ('h', 3_600), ('d', 86_400)];
    let found = units.into_iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    let (number, seconds) = found.ok_or_else(expected)?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0).ok_or_else(expected)?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_a_unit() {
        assert_eq!(age("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(age("90m"), Ok(Duration::from_secs(5_400)));
        for bad in ["", "7", "d", "-1d", "0d", "1.5h", "7 d", "99999999999d", "7w"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }
}
