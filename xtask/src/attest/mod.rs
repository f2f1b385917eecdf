//! `cargo xtask attest`: a verdict on its way through the real cosign and a real registry, and back.
//!
//! An image is pushed to a registry on loopback and judged, and what the run attests is signed and attached by cosign. What
//! `cosign verify-attestation` prints must then be accepted by `coalmine verify`; a tampered statement, one of another image
//! and one of a failed run must not.

mod place;
mod registry;
mod tools;

use clap::Args;

use self::{
    place::{Image, Place},
    registry::Registry,
    tools::Tools,
};
use crate::{failure::Failure, image, printer::Printer, tool};

#[derive(Debug, Args)]
pub(crate) struct AttestArguments {
    /// Use what is built already, even if it is stale
    #[arg(long)]
    no_build: bool,
}

/// Fails if something was accepted that must not be, or the other way round.
pub(crate) fn try_out(arguments: &AttestArguments, printer: &mut Printer) -> Result<(), Failure> {
    tool::need_engine()?;
    let tools = Tools::find(printer)?;
    if !arguments.no_build {
        tool::run(
            tool::cargo().args(["build", "--quiet", "--package", "coalmine-cli"]),
            "coalmine could not be built",
        )?;
    }
    if tool::image_size(image::REFERENCE).is_none() {
        image::build(printer)?;
    }
    let place = Place::new(tools)?;
    let registry = Registry::start(&place.tools.registry, place.folder())?;
    printer.note(format_args!("registry at {}, key in {}", registry.address(), place.folder()));
    let judged = Image::push(&registry, "judged")?;
    let other = Image::push(&registry, "other")?;
    let mut checks = Checks { printer, wrong: 0 };
    checks.run(&place, &judged, &other)?;
    match checks.wrong {
        0 => Ok(()),
        wrong => Err(Failure::new(format!("{wrong} checks came out otherwise than they must"))),
    }
}

struct Checks<'a> {
    printer: &'a mut Printer,
    wrong: usize,
}

impl Checks<'_> {
    fn run(&mut self, place: &Place, judged: &Image, other: &Image) -> Result<(), Failure> {
        let key = place.key();
        let with_key = ["--key", key.as_str(), "--max-age", "1h"];
        let green = place.judge(judged, "green", &[], 0)?;
        let statement = place.read(&green.join("statement.json"))?;
        self.expect(
            "a statement without an envelope, no key",
            place.verify(&statement, &judged.by_digest, &[])?,
            "accepted: ",
        );
        self.expect(
            "the same with a key",
            place.verify(&statement, &judged.by_digest, &with_key)?,
            "it is not signed",
        );

        place.attach(judged, &green)?;
        let envelopes = place.fetch(judged)?;
        self.expect(
            "signed by cosign",
            place.verify(&envelopes, &judged.by_digest, &with_key)?,
            "signature: good",
        );
        self.expect(
            "by the name, which the engine knows",
            place.verify(&envelopes, &judged.name, &with_key)?,
            "signature: good",
        );
        self.expect(
            "another image",
            place.verify(&envelopes, &other.by_digest, &with_key)?,
            "it is about another image",
        );
        let foreign = place.foreign_key()?;
        let with_foreign = ["--key", foreign.as_str()];
        self.expect(
            "another key",
            place.verify(&envelopes, &judged.by_digest, &with_foreign)?,
            "no signature was made",
        );
        let tampered = place::tampered(&envelopes)?;
        self.expect(
            "tampered",
            place.verify(&tampered, &judged.by_digest, &with_key)?,
            "no signature was made",
        );
        let digest = ["--canaries", &format!("sha256:{}", "0".repeat(64))].map(str::to_owned);
        let digest: Vec<&str> = with_key.into_iter().chain(digest.iter().map(String::as_str)).collect();
        self.expect(
            "other canaries",
            place.verify(&envelopes, &judged.by_digest, &digest)?,
            "the digest of `canaries`",
        );

        place.attach(other, &green)?;
        let moved = place.fetch(other)?;
        self.expect(
            "attached to another image",
            place.verify(&moved, &other.by_digest, &with_key)?,
            "another image was judged",
        );

        let red = place.judge(judged, "red", &["--fault", "prompt.history-dropped"], 1)?;
        place.attach(judged, &red)?;
        let both = place.fetch(judged)?;
        self.expect(
            "a failed run after it",
            place.verify(&both, &judged.by_digest, &with_key)?,
            "the result is FAILED",
        );
        Ok(())
    }

    /// Compares what was printed with what must be in it. A rejection is never taken for an acceptance.
    fn expect(&mut self, what: &str, (code, printed): (i32, String), wanted: &str) {
        let accepts = wanted.starts_with("accepted") || wanted.starts_with("signature: good");
        let is_right = printed.contains(wanted) && code == i32::from(!accepts);
        self.wrong += usize::from(!is_right);
        let first = printed.lines().find(|line| line.contains(wanted)).or_else(|| printed.lines().next());
        let mark = if is_right { "ok   " } else { "WRONG" };
        self.printer.result(format_args!("{mark} {what}: exit {code}, {}", first.unwrap_or_default()));
        if !is_right {
            self.printer.note(format_args!("expected: {wanted}\n{printed}"));
        }
    }
}
