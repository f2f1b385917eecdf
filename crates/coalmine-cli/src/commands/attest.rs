//! What `coalmine run --attest` adds to a run.

mod image;
mod provenance;

use camino::Utf8Path;
use coalmine::{deploy::PullPolicy, run::Options};
use coalmine_attest::{Attestation, NotAttested, attest};
use coalmine_report::{Summary, write_atomically};
use fs_err as fs;
pub(super) use image::manifests;
use provenance::Known;

use crate::{arguments::RunArguments, context::Context, failure::Failure, printer::Printer, runs};

/// The folder of the statements, in that of the run.
const FOLDER: &str = "attestation";

/// What must be known before the run, because it may be another afterwards.
pub(super) struct Prepared {
    known: Known,
    image: String,
    allow_id: bool,
    quiet: bool,
}

/// Prepares the attestation of a run, if it is wanted.
///
/// # Errors
/// Fails if it is clear already that the run cannot be attested.
pub(super) async fn prepare(
    arguments: &RunArguments,
    raw: &[String],
    options: &Options,
    context: &Context,
    printer: &mut Printer,
) -> Result<Option<Prepared>, Failure> {
    let (wanted, Some(image)) = (&arguments.attest, &arguments.image) else { return Ok(None) };
    if !wanted.attest {
        return Ok(None);
    }
    let known = Known::read(arguments, raw, options, context)?;
    if known.workflow.is_none() && !arguments.quiet {
        printer.note("the attestation names no workflow file: `--workflow FILE` gives one");
    }
    // a pull may bring another image, and the run reports an engine that does not answer
    if arguments.pull != PullPolicy::Always
        && let Ok(Some(digests)) = coalmine::deploy::image_digests(&options.host, image).await
    {
        image::judged(image, &digests, wanted.attest_image_id)?;
    }
    let (allow_id, quiet) = (wanted.attest_image_id, arguments.quiet);
    Ok(Some(Prepared { known, image: image.clone(), allow_id, quiet }))
}

impl Prepared {
    /// Writes the attestation of a run that ended with this exit code, and returns the exit code to use.
    pub(super) async fn finish(
        self,
        code: u8,
        folder: &Utf8Path,
        options: &Options,
        printer: &mut Printer,
    ) -> u8 {
        match code {
            0 | 1 => {}
            130 => {
                printer.warning("the run is not attested: it was interrupted");
                return code;
            }
            _ => {
                printer.warning("the run is not attested: it could not judge");
                return code;
            }
        }
        match self.write(code, folder, options).await {
            Ok(attestation) if !self.quiet => {
                let result = attestation.statement.predicate.result.name();
                printer.note(format_args!(
                    "attestation: {}, {result}",
                    folder.join(FOLDER).join("statement.json")
                ));
                code
            }
            Ok(_) => code,
            Err(failure) => {
                printer.failure(&failure);
                // without the attestation that was asked for, nothing is green
                if code == 0 { 2 } else { code }
            }
        }
    }

    async fn write(&self, code: u8, folder: &Utf8Path, options: &Options) -> Result<Attestation, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::new("could not attest the run").because(error);
        let bytes = runs::summary(folder).map_err(|error| failed(&error))?;
        let summary: Summary = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
        if summary.run.id != options.run.id || summary.exit_code() != code {
            return Err(failed(&NotAttested::Contradiction("it is that of another run")));
        }
        // by its id: the name may have been moved to another image during the run
        let id = summary.target.image_digest.clone().unwrap_or_default();
        let digests =
            coalmine::deploy::image_digests(&options.host, &id).await.map_err(|error| failed(&error))?;
        let digests = digests.ok_or_else(|| failed(&"the engine does not have the image any more"))?;
        let image = image::judged(&self.image, &digests, self.allow_id)?;
        let attestation = attest(&summary, &self.known.with(image)).map_err(|error| failed(&error))?;
        let folder = folder.join(FOLDER);
        fs::create_dir(&folder).map_err(|error| failed(&error))?;
        for (name, text) in attestation.files() {
            write_atomically(&folder, name, text.as_bytes()).map_err(|error| failed(&error))?;
        }
        Ok(attestation)
    }
}
