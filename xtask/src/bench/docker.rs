//! The Docker run beside its floor, in turns, so that both see the same machine.

use bollard::Docker;

use super::{Figures, Subject, floor, line, verdict};
use crate::{failure::Failure, image::REFERENCE, printer::Printer};

const RATIO: f64 = 1.2;

/// Whether the promise holds.
pub(super) fn measure(subject: &Subject, runs: u16, printer: &mut Printer) -> Result<bool, Failure> {
    printer.note("measuring the Docker run and its floor");
    let engine_failed = |error| Failure::new("the engine could not be asked").because(error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let engine = runtime.block_on(async {
        let engine = Docker::connect_with_defaults().map_err(engine_failed)?;
        engine.negotiate_version().await.map_err(engine_failed)
    })?;
    let arguments = ["--image", REFERENCE, "--pull", "never"];
    let (mut whole, mut bare, mut isolated) = (Figures::default(), Figures::default(), Figures::default());
    for round in 0..=runs {
        let times = (
            subject.time(&arguments)?,
            runtime.block_on(floor::bare(&engine))?,
            runtime.block_on(floor::isolated(&engine))?,
        );
        // the first round warms up
        if round > 0 {
            whole.add(times.0);
            bare.add(times.1);
            isolated.add(times.2);
        }
    }
    line(printer, "docker: coalmine run --image", &whole);
    line(printer, "floor: create, start, ready, remove", &bare);
    line(printer, "the same in an internal network of its own", &isolated);
    let over = |floor: &Figures| whole.median().as_secs_f64() / floor.median().as_secs_f64();
    let kept = over(&bare) <= RATIO;
    printer.result(format_args!(
        "  promise: at most {RATIO} times the floor         {:.2}, {} ({:.2} times the floor with a network)",
        over(&bare),
        verdict(kept),
        over(&isolated)
    ));
    Ok(kept)
}
