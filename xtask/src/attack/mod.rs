//! `cargo xtask attack`: a hostile runtime is judged in each of its modes, and what came of it is compared with what must
//! come of it.
//!
//! The runtime is `third-party/hostile/server.py`. Its `expected.toml` says for each mode how the run must end, and how
//! much it may cost; what holds in every mode is checked by [`evidence`], [`secrets`] and [`strays`].

mod departures;
mod evidence;
mod place;
mod secrets;
mod strays;
mod subject;
mod tally;
mod truth;

use std::process::Command;

use camino::Utf8PathBuf;
use clap::Args;

use self::{
    place::Place,
    subject::Measured,
    tally::Tally,
    truth::{Mode, Truth},
};
use crate::{failure::Failure, parallel, printer::Printer, repository, third_party, tool};

/// How many modes are tried in parallel unless `--jobs` says otherwise.
const DEFAULT_JOBS: usize = 4;

#[derive(Debug, Args)]
pub(crate) struct AttackArguments {
    /// Only these modes; `retry-*` stands for all that begin with `retry-`
    only: Vec<String>,
    /// Also the slow modes, and all variants of each
    #[arg(long)]
    all: bool,
    /// How many modes are tried in parallel
    #[arg(long, default_value_t = DEFAULT_JOBS, value_name = "N")]
    jobs: usize,
    /// List the modes with what they do, and try none
    #[arg(long)]
    list: bool,
}

/// The folders that `--sandbox` replaces by empty ones.
const HIDDEN: [&str; 3] = ["/tmp", "/var/tmp", "/run"];

/// An attack that is to be tried.
struct Attack {
    mode: Mode,
    binary: Utf8PathBuf,
    python: Utf8PathBuf,
    server: Utf8PathBuf,
}

/// What came of an attack.
struct Outcome {
    measured: Measured,
    /// What differs from the truth, in one sentence each.
    wrong: Vec<String>,
}

/// Tries the chosen modes; fails if anything is wrong.
pub(crate) fn run(arguments: &AttackArguments, printer: &mut Printer) -> Result<(), Failure> {
    let folder = repository::root().join(third_party::FOLDER).join("hostile");
    let server = folder.join("server.py");
    // a version manager may have put a script before it
    let print = ["-c", "import sys; print(sys.executable)"];
    let python = tool::output(Command::new("python3").args(print), "could not find Python")?;
    let python = Utf8PathBuf::from(python.trim());
    let names =
        tool::output(Command::new(&python).args([server.as_str(), "--list"]), "could not list the modes")?;
    let truth = Truth::read(&folder.join("expected.toml"))?;
    let mut modes = truth.modes(&names.lines().collect::<Vec<_>>())?;
    modes.retain(|mode| mode.is_chosen(&arguments.only, arguments.all));
    if modes.is_empty() {
        return Err(Failure::new("no mode matches").hint("`--list` lists the modes"));
    }
    if HIDDEN.iter().any(|hidden| folder.starts_with(hidden)) {
        modes.retain(|mode| {
            let is_visible = !mode.expected.arguments.iter().any(|word| word == "--sandbox");
            if !is_visible {
                printer.note(format_args!(
                    "`{}` is NOT TRIED: a sandbox hides `{folder}`; move the checkout out of {}",
                    mode.name,
                    HIDDEN.join(", ")
                ));
            }
            is_visible
        });
    }
    if arguments.list {
        for mode in &modes {
            printer.result(format_args!("{:<40} {}", mode.name, mode.expected.about));
        }
        return Ok(());
    }
    tool::run(
        tool::cargo().args(["build", "--quiet", "--package", "coalmine-cli"]),
        "could not build coalmine",
    )?;
    let binary = own_binary()?;
    let attack =
        |mode| Attack { mode, binary: binary.clone(), python: python.clone(), server: server.clone() };
    let attacks: Vec<Attack> = modes.into_iter().map(attack).collect();
    let mut tally = Tally::default();
    parallel::each(attacks, arguments.jobs, Attack::attempt, |attack, outcome| match outcome {
        Ok(outcome) => tally.add(&attack.mode.name, &outcome, printer),
        Err(failure) => {
            printer.failure(&failure);
            tally.fail(&attack.mode.name);
        }
    });
    tally.finish(printer)
}

/// Returns the path of coalmine, under a name of its own: a build in the meantime must not change it.
fn own_binary() -> Result<Utf8PathBuf, Failure> {
    let binary = repository::target("attack").join("coalmine");
    fs_err::create_dir_all(repository::target("attack"))?;
    // the first run finds none
    let _ = fs_err::remove_file(&binary);
    fs_err::hard_link(repository::target("debug/coalmine"), &binary)?;
    Ok(binary)
}

impl Attack {
    /// Runs coalmine on the server and compares what came of it.
    fn attempt(&self) -> Result<Outcome, Failure> {
        let place = Place::new(&self.binary, &self.mode.name)?;
        let measured = subject::run(&place, &self.mode, &self.python, &self.server)?;
        let mut wrong = departures::of(&self.mode.expected, &measured);
        if self.mode.expected.swept {
            place.clean()?;
        }
        wrong.extend(strays::after(&place, &self.mode.expected));
        if !self.mode.expected.swept {
            wrong.extend(evidence::problems(&place, &measured));
        }
        wrong.extend(secrets::found(&place, &self.mode.expected, &measured)?);
        if wrong.is_empty() {
            place.remove()?;
        }
        Ok(Outcome { measured, wrong })
    }
}
