//! `coalmine verify`

use std::io::Read;

use camino::Utf8Path;
use coalmine_attest::{Accepted, Expected, ExpectedImage, PublicKey, Sha256, read, verify as decide};
use coalmine_report::escape_bounded;

use super::attest::manifests;
use crate::{arguments::VerifyArguments, context::Context, failure::Failure, printer::Printer};

/// The most bytes that are read. Longer texts are refused.
const MAX_BYTES: u64 = 16 << 20;
/// The most characters of a text that is shown.
const MAX_SHOWN: usize = 200;

pub(crate) fn verify(
    arguments: &VerifyArguments,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let expected = expected(arguments, context)?;
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::new(format!("could not read `{}`", arguments.file)).because(error)
    };
    let bytes = bytes(&arguments.file).map_err(|error| unreadable(&error))?;
    let document = read(&bytes).map_err(|error| unreadable(&error))?;
    match decide(&document, &expected) {
        Ok(accepted) => {
            printer.answer(shown(&accepted));
            Ok(0)
        }
        Err(reasons) => {
            reasons.iter().for_each(|reason| printer.answer(format_args!("rejected: {reason}")));
            Ok(1)
        }
    }
}

fn expected(arguments: &VerifyArguments, context: &Context) -> Result<Expected, Failure> {
    let key = arguments.key.as_ref().map(|file| {
        let invalid = |error| Failure::new(format!("invalid key in `{file}`")).because(error);
        let bytes = bytes(file)
            .map_err(|error| Failure::new(format!("could not read the key `{file}`")).because(error))?;
        PublicKey::from_pem(&String::from_utf8_lossy(&bytes)).map_err(invalid)
    });
    let now = context
        .started_at
        .parse()
        .map_err(|error| Failure::new("could not read the clock").because(error))?;
    let digests = [
        ("canaries", arguments.canaries),
        ("profile", arguments.profile),
        ("coalmine", arguments.binary),
        ("workflow", arguments.workflow),
    ];
    Ok(Expected {
        image: image(&arguments.image, context)?,
        key: key.transpose()?,
        now,
        max_age: arguments.max_age,
        allow_skips: arguments.allow_skips,
        allow_warnings: arguments.allow_warnings,
        digests: digests.into_iter().filter_map(|(name, digest)| Some((name, digest?))).collect(),
    })
}

/// Returns the digests of an image: the one in its name, or those that the engine knows.
fn image(reference: &str, context: &Context) -> Result<ExpectedImage, Failure> {
    let invalid = |error| {
        Failure::new(format!("invalid image `{reference}`"))
            .because(error)
            .hint("name it by its digest, such as `registry.example/agent@sha256:…`")
    };
    if let Some((_, digest)) = reference.split_once('@') {
        return Ok(ExpectedImage { manifests: vec![digest.parse().map_err(invalid)?], id: None });
    }
    if let Some(Ok(id)) = reference.starts_with("sha256:").then(|| reference.parse::<Sha256>()) {
        return Ok(ExpectedImage { manifests: vec![], id: Some(id) });
    }
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("could not find out the digest of image `{reference}`"))
            .because(error)
            .hint("name it by its digest: `--image NAME@sha256:…`")
    };
    let asked = super::block_on(coalmine::deploy::image_digests(&context.host, reference))?;
    let found =
        asked.map_err(|error| failed(&error))?.ok_or_else(|| failed(&"the engine does not have it"))?;
    let manifests = manifests(&found).map(|(_, digest)| digest).collect();
    Ok(ExpectedImage { manifests, id: found.id.parse().ok() })
}

/// Reads a file, or stdin for `-`, up to a bound.
fn bytes(file: &Utf8Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![];
    let reader: Box<dyn Read> =
        if file == "-" { Box::new(std::io::stdin().lock()) } else { Box::new(fs_err::File::open(file)?) };
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns what was accepted, and with what it was judged.
fn shown(accepted: &Accepted) -> String {
    let short = |text: &str| escape_bounded(text, MAX_SHOWN);
    let mut lines = vec![format!(
        "accepted: {}, {}, {} passed, run {} of {}",
        accepted.subject,
        accepted.result.name(),
        accepted.passed,
        short(&accepted.run),
        accepted.at
    )];
    lines.push(if accepted.is_signature_checked {
        "signature: good".to_owned()
    } else {
        "signature: not checked, because no `--key` was given".to_owned()
    });
    for entry in &accepted.configuration {
        if let (Some(name), Some(digest)) = (&entry.name, entry.only_sha256()) {
            lines.push(format!("{}: {digest}", short(name)));
        }
    }
    lines.join("\n")
}
