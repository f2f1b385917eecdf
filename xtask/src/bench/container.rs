//! The container run and its floors, in turns, so that all meet the same machine.

use bollard::Docker;

use super::{Figures, Subject, floor, line, verdict};
use crate::{failure::Failure, image::REFERENCE, printer::Printer};

/// How often the floor with a network of its own a container run may take, also on a busy machine.
const MAX_RATIO: f64 = 1.35;
/// What the ratio should be on an idle one.
const AIM: f64 = 1.1;

/// Measures the container run; returns whether its promise is kept.
///
/// The bare floor is shown only: a run needs its own network, which costs the engine about as much again as a container.
pub(super) fn measure(subject: &Subject, runs: u16, printer: &mut Printer) -> Result<bool, Failure> {
    printer.note("measuring the container run and its floors");
    let engine_failed = |error| Failure::new("could not connect to the container engine").because(error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let engine = runtime.block_on(async {
        let engine = Docker::connect_with_defaults().map_err(engine_failed)?;
        engine.negotiate_version().await.map_err(engine_failed)
    })?;
    let arguments = ["--image", REFERENCE, "--pull", "never"];
    let (mut run, mut isolated, mut bare) = (Figures::default(), Figures::default(), Figures::default());
    for round in 0..=runs {
        let times = (
            subject.time(&arguments)?,
            runtime.block_on(floor::isolated(&engine))?,
            runtime.block_on(floor::bare(&engine))?,
        );
        // the first round warms up
        if round > 0 {
            run.add(times.0);
            isolated.add(times.1);
            bare.add(times.2);
        }
    }
    line(printer, "container: coalmine run --image", &run);
    line(printer, "floor: a container in a network of its own", &isolated);
    line(printer, "bare floor: in the engine's own network", &bare);
    let (ratio, over_bare) = (run.ratio(&isolated), run.ratio(&bare));
    let kept = ratio <= MAX_RATIO;
    printer.result(format_args!(
        "  promise: at most {MAX_RATIO} times the floor          {ratio:.2}, {} (aim {AIM})",
        verdict(kept)
    ));
    printer.result(format_args!("  no promise: times the bare floor             {over_bare:.2}"));
    Ok(kept)
}
