//! `cargo xtask third-party`: servers of other makers, whose behaviour is known by construction, are judged, and each verdict
//! is compared with what is true.
//!
//! Each folder of `third-party/` has servers, the packages that they need, a `profile.toml`, and in `expected.toml` what the
//! servers do in each `MODE`.

mod expected;

use std::{
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use camino::Utf8PathBuf;
use clap::Args;

use self::expected::{Mode, Truth};
use crate::{failure::Failure, packages::Packages, printer::Printer, repository, tool};

#[derive(Debug, Args)]
pub(crate) struct ThirdPartyArguments {
    /// Only these modes: `<folder>`, or `<folder>/<mode>`
    only: Vec<String>,
    /// How many servers are judged at once
    #[arg(long, default_value_t = 2, value_name = "N")]
    jobs: usize,
}

/// A server in one of its modes.
struct ThirdPartyServer<'a> {
    name: String,
    mode: (&'a str, &'a Mode),
    packages: &'a Packages,
    truth: &'a Truth,
}

pub(crate) fn judge(arguments: &ThirdPartyArguments, printer: &mut Printer) -> Result<(), Failure> {
    let mut folders = vec![];
    for packages in Packages::all("third-party")? {
        let truth = Truth::read(&packages.folder().join("expected.toml"))?;
        folders.push((packages, truth));
    }
    let mut servers = vec![];
    for (packages, truth) in &folders {
        for mode in truth.modes() {
            let name = format!("{}/{}", packages.name(), mode.0);
            let chosen = |only: &String| *only == name || only == packages.name();
            if arguments.only.is_empty() || arguments.only.iter().any(chosen) {
                servers.push(ThirdPartyServer { name, mode, packages, truth });
            }
        }
    }
    if servers.is_empty() {
        let folders: Vec<&str> = folders.iter().map(|(packages, _)| packages.name()).collect();
        return Err(Failure::new("no mode is named so").hint(format!("there is {}", folders.join(", "))));
    }
    tool::run(
        tool::cargo().args(["build", "--quiet", "--release", "--package", "coalmine-cli"]),
        "could not build coalmine",
    )?;
    printer.note("the packages that are not there yet are installed into target/third-party");
    for (packages, _) in &folders {
        packages.install()?;
    }
    let all = servers.len();
    let wrong = judge_all(servers, arguments.jobs.max(1), printer);
    match wrong.as_slice() {
        [] => Ok(()),
        names => Err(Failure::new(format!("of {} of {all} servers the truth was not told", names.len()))
            .because(names.join(", "))),
    }
}

/// The names of those of which not the truth was told.
fn judge_all(servers: Vec<ThirdPartyServer<'_>>, jobs: usize, printer: &mut Printer) -> Vec<String> {
    let queue = Mutex::new(servers.into_iter());
    let mut wrong = vec![];
    thread::scope(|scope| {
        let (outcomes, coming) = mpsc::channel();
        for _ in 0..jobs {
            let (outcomes, queue) = (outcomes.clone(), &queue);
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            scope.spawn(move || {
                while let Some(server) = next() {
                    let outcome = server.judge();
                    // whoever takes the outcomes stays to the end
                    drop(outcomes.send((server.name, server.mode.1.about.as_str(), outcome)));
                }
            });
        }
        drop(outcomes);
        for (name, about, outcome) in coming {
            match outcome {
                Ok(()) => printer.result(format_args!("{name}: ok")),
                Err(failure) => {
                    printer.note(format_args!("{name}: {about}"));
                    printer.failure(&failure);
                    wrong.push(name);
                }
            }
        }
    });
    wrong.sort();
    wrong
}

impl ThirdPartyServer<'_> {
    /// Lets coalmine judge it, and compares what it says with the truth.
    fn judge(&self) -> Result<(), Failure> {
        let (name, mode) = self.mode;
        let out: Utf8PathBuf = repository::target("third-party/out").join(&self.name);
        // what an earlier run left must not be taken for this one's
        let _ = fs_err::remove_dir_all(&out);
        let server = self.packages.program(mode.server.as_deref().unwrap_or("server"))?;
        let command = self.packages.words(&server).map(|word| format!("'{word}'")).join(" ");
        let profile = self.packages.folder().join("profile.toml");
        let mut run = std::process::Command::new(repository::target("release/coalmine").as_str());
        run.args(["run", "--quiet", "--cmd", &command, "--env", &format!("MODE={name}")]);
        run.args(["--profile", profile.as_str(), "--out", out.as_str()]);
        let told = run.output()?;
        let summary = fs_err::read(out.join("summary.json")).ok();
        let summary = summary.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
            Failure::new("there is no summary").because(String::from_utf8_lossy(&told.stderr).trim())
        })?;
        match self.truth.departures(mode, &summary).as_slice() {
            [] => Ok(()),
            departures => Err(Failure::new(format!("{} is told wrong", self.name))
                .because(departures.join("\n         "))
                .hint(format!("what was seen is in {out}"))),
        }
    }
}
