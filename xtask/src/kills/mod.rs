//! `cargo xtask kills`: runs are killed at random moments, and nothing of them may stay.
//!
//! A run that gets SIGINT or SIGTERM must end with 130 and leave nothing. What a run leaves that gets SIGKILL, the next
//! run or `coalmine clean` must remove.

mod draw;
mod ending;
mod left;
mod place;
mod tally;

use std::time::Duration;

use clap::Args;

use self::{
    draw::{After, Draws, Kill},
    ending::End,
    left::Left,
    place::{Place, Way},
    tally::Tally,
};
use crate::{failure::Failure, image, printer::Printer, tool};

/// Moments are drawn from somewhat more than the time of a whole run, which is not always the same.
const SPAN_PERCENT: u32 = 102;

#[derive(Debug, Args)]
pub(crate) struct KillsArguments {
    /// How many runs are killed
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Kill runs that judge containers of this image, instead of the embedded runtime and local commands
    #[arg(long, num_args = 0..=1, default_missing_value = image::REFERENCE)]
    image: Option<String>,
    /// Draw signals and moments from this number, as an earlier series did
    #[arg(long)]
    seed: Option<u64>,
    /// Use what is built already, even if it is stale
    #[arg(long)]
    no_build: bool,
}

/// Kills the runs; fails if something is left in the end, or if a run did not end as it must.
pub(crate) fn run(arguments: &KillsArguments, printer: &mut Printer) -> Result<(), Failure> {
    if arguments.image.is_some() {
        tool::need_engine()?;
    }
    if !arguments.no_build {
        build(arguments.image.as_deref(), printer)?;
    }
    let seed = arguments.seed.unwrap_or_else(draw::new_seed);
    printer.result(format_args!("seed {seed}"));
    let ways = match &arguments.image {
        Some(image) => vec![Way::Image(image.clone())],
        None => vec![Way::Embedded, Way::Command],
    };
    let place = Place::new(&image::built_binary(), arguments.image.is_some())?;
    let mut spans = vec![];
    for way in &ways {
        let span = place.time(way)? * SPAN_PERCENT / 100;
        printer.note(format_args!("{way}: moments within {:.1} s", span.as_secs_f64()));
        spans.push(span);
    }
    let mut tally = Tally::default();
    for (number, kill) in Draws::new(seed, spans).take(arguments.count as usize).enumerate() {
        let way = &ways[kill.way];
        let seen = kill_one(&place, way, number, &kill)?;
        printer.note(format_args!("{:>4}/{} {way}: {kill}: {seen}", number + 1, arguments.count));
        tally.add(way, &kill, seen);
    }
    tally.print(printer);
    if tally.is_good() {
        return Ok(());
    }
    Err(Failure::new("a killed run left something, or did not end as it must")
        .hint(format!("`--seed {seed}` draws the same signals and moments again")))
}

fn build(image: Option<&str>, printer: &mut Printer) -> Result<(), Failure> {
    if image == Some(image::REFERENCE) {
        return image::build(printer);
    }
    printer.note("building coalmine");
    image::static_binary()?;
    Ok(())
}

/// What was seen of one killed run.
#[derive(Debug)]
struct Seen {
    end: End,
    /// How long the run took to end after the signal.
    took: Duration,
    /// What was left directly after it had ended.
    at_once: Left,
    /// What was left after the next run, or after `coalmine clean`.
    finally: Left,
}

fn kill_one(place: &Place, way: &Way, number: usize, kill: &Kill) -> Result<Seen, Failure> {
    let run = place.run_id(number);
    let child = place.start(way, &run)?;
    std::thread::sleep(kill.moment);
    let (end, took) = ending::end(child, kill.signal)?;
    let at_once = Left::after(place, &run)?;
    match kill.after {
        After::NextRun => place.next_run(way, number)?,
        After::Clean => place.clean()?,
    }
    let finally = Left::after(place, &run)?.with_processes_of(&at_once.marks);
    Ok(Seen { end, took, at_once, finally })
}

impl Seen {
    /// Returns what is wrong, if something is.
    fn problem(&self, kill: &Kill) -> Option<String> {
        if !self.finally.is_empty() {
            return Some(format!("left in the end: {}", self.finally));
        }
        if kill.signal.is_kill() {
            return None;
        }
        if !self.at_once.is_empty() {
            return Some(format!("left after {}: {}", kill.signal, self.at_once));
        }
        self.end.problem()
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { end, took, at_once, finally } = self;
        write!(f, "{end} after {:.2} s; left {at_once}; in the end {finally}", took.as_secs_f64())
    }
}
