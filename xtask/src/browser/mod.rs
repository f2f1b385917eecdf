//! Looks at `report.html` in a real browser: what hostile text does, whether the policy holds, how wide and how fast it is.

mod checks;
mod chromium;
mod hostile;

use std::{os::unix::process::ExitStatusExt, process::Command};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use fs_err as fs;

use self::chromium::Chromium;
use crate::{failure::Failure, printer::Printer, repository, tool};

/// The fault of the run that is looked at.
const FAULT: &str = "prompt.history-dropped";

/// How to look at the report.
#[derive(Debug, Args)]
pub(crate) struct BrowserArguments {
    /// Write screenshots into this folder: both themes, and 360 pixels wide
    #[arg(long, value_name = "DIR")]
    screenshots: Option<Utf8PathBuf>,
}

pub(crate) fn look(arguments: &BrowserArguments, printer: &mut Printer) -> Result<(), Failure> {
    // before anything is built, because it may be missing
    let mut browser = Chromium::start()?;
    tool::run(tool::cargo().args(["build", "--package", "coalmine-cli"]), "could not build coalmine")?;
    let scratch = tempfile::tempdir()?;
    let scratch = Utf8Path::from_path(scratch.path())
        .ok_or_else(|| Failure::new("the temporary folder has a strange name"))?;
    let (red, green, bad) = (scratch.join("red"), scratch.join("green"), scratch.join("hostile"));
    coalmine(&["run", "--quiet", "--seed", "5", "--fault", FAULT, "--out", red.as_str()], 1)?;
    coalmine(&["run", "--quiet", "--seed", "5", "--out", green.as_str()], 0)?;
    copy(&red, &bad)?;
    hostile::make_hostile(&bad)?;
    hostile::make_long(&bad)?;
    coalmine(&["report", bad.as_str()], 1)?;

    let (red, green, bad) = (address(&red), address(&green), address(&bad));
    let mut look = checks::Look { browser: &mut browser, printer };
    for (name, page) in [("red", &red), ("green", &green), ("hostile", &bad)] {
        look.loads_nothing_else(name, page)?;
        look.opens_at_once(name, page)?;
        look.keeps_its_policy(name, page)?;
        look.fits(name, page)?;
        look.names_everything(name, page)?;
    }
    look.is_only_text(&bad)?;
    look.is_used(&red)?;
    look.is_read_without_scripts(&red)?;
    if let Some(folder) = &arguments.screenshots {
        fs::create_dir_all(folder)?;
        look.screenshots(folder, &red, &green, &bad)?;
    }
    Ok(())
}

fn address(folder: &Utf8Path) -> String {
    format!("file://{folder}/report.html")
}

/// Runs the binary that was built, which must exit with `code`.
fn coalmine(arguments: &[&str], code: i32) -> Result<(), Failure> {
    let program = repository::target("debug").join("coalmine");
    let done = Command::new(&program).args(arguments).output()?;
    if done.status.code() == Some(code) {
        return Ok(());
    }
    let ended = done.status.code().or(done.status.signal());
    Err(Failure::new(format!("`coalmine {}` ended with {ended:?}", arguments.join(" ")))
        .because(String::from_utf8_lossy(&done.stderr)))
}

fn copy(from: &Utf8Path, to: &Utf8Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in from.read_dir_utf8()?.flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
