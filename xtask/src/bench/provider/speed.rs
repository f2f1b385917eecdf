//! Three providers in turns, under the same load, so that all meet the same machine.

use std::time::Duration;

use camino::Utf8Path;

use super::{
    super::Figures,
    BYTES, CONNECTIONS, journal,
    load::{Load, Loaded},
    promise, rival,
    server::Server,
};
use crate::{failure::Failure, printer::Printer};

const MIN_OVER_RIVAL: f64 = 3.0;
const MIN_OVER_BARE: f64 = 0.6;

/// How many requests each answers before anything is measured: a program that is compiled at run time takes
/// thousands until it is as fast as it gets.
const WARM_UP: usize = 10_000;
const WARM_UP_WITHIN: Duration = Duration::from_secs(15);

/// How long each is loaded in a round, and with how many requests at most.
const ROUND: Duration = Duration::from_millis(500);
const MAX_ANSWERS: usize = 12_500;

/// Measures the speed; returns whether its promises are kept.
pub(super) fn measure(rounds: u16, folder: &Utf8Path, printer: &mut Printer) -> Result<bool, Failure> {
    printer.note("measuring the three providers in turns");
    let written = folder.join("speed.ndjson");
    let load = Load {
        connections: CONNECTIONS,
        bytes: BYTES,
        max_answers: MAX_ANSWERS,
        within: ROUND,
        grounded: false,
    };
    let grounded = Load { grounded: true, ..load };
    let world = Server::world(&written)?;
    let once = Load { connections: 1, max_answers: 1, ..grounded }.run(world.address)?;
    let (bare, rival) = (Server::bare(once.answer_bytes)?, rival::start()?);
    let (mut of_world, mut of_bare, mut of_rival) =
        (Figures::default(), Figures::default(), Figures::default());
    let (mut over_rival, mut over_bare) = (vec![], vec![]);
    let mut calls = once.all;
    let warm_up = Load { max_answers: WARM_UP, within: WARM_UP_WITHIN, ..load };
    for server in [&rival, &bare] {
        warm_up.run(server.address)?;
    }
    calls += Load { grounded: true, ..warm_up }.run(world.address)?.all;
    for _ in 0..rounds {
        let (mine, other, least) =
            (grounded.run(world.address)?, load.run(rival.address)?, load.run(bare.address)?);
        calls += mine.all;
        of_world.add(each(&mine));
        of_rival.add(each(&other));
        of_bare.add(each(&least));
        // rounds are compared one by one, because the machine may be busier in the next
        over_rival.push(ratio(&mine, &other));
        over_bare.push(ratio(&mine, &least));
    }
    line(printer, "world: coalmine serve world --journal", &of_world);
    line(printer, &format!("aimock {}: llmock", rival::version()?), &of_rival);
    line(printer, "bare: an axum handler", &of_bare);
    let (over_rival, over_bare) = (median(over_rival), median(over_bare));
    let complete = journal::is_complete(&written, calls)?;
    Ok(promise(
        printer,
        &format!("at least {MIN_OVER_RIVAL} times aimock"),
        &format!("{over_rival:.2}"),
        over_rival >= MIN_OVER_RIVAL,
    ) & promise(
        printer,
        &format!("at least {MIN_OVER_BARE} times the bare handler"),
        &format!("{over_bare:.2}"),
        over_bare >= MIN_OVER_BARE,
    ) & promise(printer, "the journal holds every call in order", &format!("{calls} calls"), complete))
}

/// Returns the mean time of an answer.
fn each(loaded: &Loaded) -> Duration {
    loaded.time.div_f64(loaded.answers.max(1) as f64)
}

/// Returns how many answers `one` gave for each of `other` in the same time.
fn ratio(one: &Loaded, other: &Loaded) -> f64 {
    each(other).as_secs_f64() / each(one).as_secs_f64()
}

/// Returns the median; of an even number of ratios, the upper one in the middle.
fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

fn line(printer: &mut Printer, name: &str, figures: &Figures) {
    let rate = |time: Duration| format!("{:.0}/s", 1.0 / time.as_secs_f64());
    printer.result(format_args!(
        "{name:<44} median {:>9}  min {:>9}  max {:>9}  n={}",
        rate(figures.median()),
        rate(figures.max()),
        rate(figures.min()),
        figures.count(),
    ));
}
