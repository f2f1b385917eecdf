//! `cargo xtask fuzz`: the fuzz targets under libFuzzer, guided by coverage.

use std::{
    fs::File,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use fs_err as fs;

use crate::{failure::Failure, printer::Printer, repository, tool};

/// How long each target runs in a smoke run, in seconds.
const SMOKE_SECONDS: u32 = 2;
/// The longest that one input may take, in seconds.
const MAX_SECONDS_OF_INPUT: u32 = 10;
/// The most memory of a target, in MiB.
const MAX_MEMORY: u32 = 2_048;
/// The longest input, in bytes.
const MAX_INPUT: u32 = 128 << 10;

#[derive(Debug, Args)]
pub(crate) struct FuzzArguments {
    /// Targets to run [default: all]
    targets: Vec<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 60, conflicts_with = "smoke")]
    seconds: u32,
    /// Run each target for 2 seconds
    #[arg(long)]
    smoke: bool,
    /// How many targets run at the same time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Read this file instead of fuzzing: a failure, or a seed
    #[arg(long, value_name = "FILE")]
    input: Option<Utf8PathBuf>,
}

/// Where the fuzzer is, and its files.
struct Fuzzer {
    program: Utf8PathBuf,
    folder: Utf8PathBuf,
    seconds: u32,
}

/// What became of a target.
struct Outcome {
    target: String,
    /// What the fuzzer said, if an input failed.
    failure: Option<String>,
    /// The last line of the fuzzer about its progress.
    progress: String,
}

pub(crate) fn run(arguments: &FuzzArguments, printer: &mut Printer) -> Result<(), Failure> {
    let fuzzer = Fuzzer {
        program: build(printer)?,
        folder: repository::root().join("fuzz"),
        seconds: if arguments.smoke { SMOKE_SECONDS } else { arguments.seconds },
    };
    let all = fuzzer.targets()?;
    let unknown: Vec<_> = arguments.targets.iter().filter(|target| !all.contains(target)).cloned().collect();
    if !unknown.is_empty() {
        return Err(Failure::new(format!("unknown targets: {}", unknown.join(", ")))
            .hint(format!("choose among {}", all.join(", "))));
    }
    let targets = if arguments.targets.is_empty() { all } else { arguments.targets.clone() };
    if let Some(input) = &arguments.input {
        let [target] = targets.as_slice() else {
            return Err(Failure::new("`--input` needs one target").hint("name it before `--input`"));
        };
        return tool::run(fuzzer.command(target).arg(input), &format!("{target} failed"));
    }
    let failed = fuzz(&fuzzer, &targets, arguments.jobs.max(1), printer)?;
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} of the fuzz targets failed", failed.len())).because(failed.join(", ")))
}

/// Builds the fuzzer, with counters in the crates of the workspace alone. Other crates are those of an
/// ordinary build.
fn build(printer: &mut Printer) -> Result<Utf8PathBuf, Failure> {
    printer.note("building the fuzz targets");
    let mut build = tool::cargo();
    build.args(["build", "--quiet", "--package", "coalmine-fuzz", "--features", "engine"]);
    build.env("RUSTC_WORKSPACE_WRAPPER", repository::root().join("fuzz/instrument.sh"));
    tool::run(&mut build, "could not build the fuzz targets")?;
    Ok(repository::target("debug/coalmine-fuzz"))
}

impl Fuzzer {
    /// Returns the names of all targets: each has a folder of seeds.
    fn targets(&self) -> Result<Vec<String>, Failure> {
        let folders = fs::read_dir(self.folder.join("corpus"))?;
        let names = folders.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let mut names = names.collect::<std::io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn command(&self, target: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(repository::root()).env("COALMINE_FUZZ_TARGET", target);
        command
    }

    /// Runs a target. What it finds is kept in `target/fuzz/<target>`, and helps the next run.
    fn run(&self, target: &str) -> Result<Outcome, Failure> {
        let found = repository::target("fuzz").join(target);
        let failures = self.folder.join("failures").join(target);
        fs::create_dir_all(&found)?;
        fs::create_dir_all(&failures)?;
        let log = repository::target("fuzz").join(format!("{target}.log"));
        let out = File::create(&log)?;
        let status = self
            .command(target)
            .args([&found, &self.folder.join("corpus").join(target)])
            .args([
                format!("-max_total_time={}", self.seconds),
                format!("-timeout={MAX_SECONDS_OF_INPUT}"),
                format!("-rss_limit_mb={MAX_MEMORY}"),
                format!("-max_len={MAX_INPUT}"),
                format!("-artifact_prefix={failures}/"),
                format!("-dict={}", self.folder.join("words.dict")),
                "-print_final_stats=1".to_owned(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::from(out.try_clone()?))
            .stderr(Stdio::from(out))
            .status()?;
        let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        Ok(Outcome {
            target: target.to_owned(),
            failure: (!status.success()).then(|| self.explain(target, &said)),
            progress: progress(&said),
        })
    }

    /// Returns the end of what a target said, and how to read the failing input again.
    fn explain(&self, target: &str, said: &str) -> String {
        let panic = said.lines().skip_while(|line| !line.contains("panicked at"));
        let panic = panic.take_while(|line| !line.starts_with("stack backtrace")).take(4);
        let end = said.lines().find(|line| line.contains("ERROR: libFuzzer"));
        let mut text = panic.chain(end).map(shortened).collect::<Vec<_>>().join("\n");
        let written = said.lines().find_map(|line| line.split_once("Test unit written to "));
        if let Some((_, file)) = written {
            let file = Utf8Path::new(file).strip_prefix(repository::root()).unwrap_or(Utf8Path::new(file));
            text.push_str(&format!("\nreproduce with: cargo xtask fuzz {target} --input {file}"));
        }
        text
    }
}

/// Runs targets beside each other, prints the outcomes and returns the names of those that failed.
fn fuzz(
    fuzzer: &Fuzzer,
    targets: &[String],
    jobs: usize,
    printer: &mut Printer,
) -> Result<Vec<String>, Failure> {
    let waiting = Mutex::new(targets.iter());
    let printer = Mutex::new(printer);
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || -> Result<Vec<String>, Failure> {
        let mut failed = vec![];
        while let Some(target) = next() {
            let Outcome { target, failure, progress } = fuzzer.run(target)?;
            let mut printer = printer.lock().unwrap_or_else(PoisonError::into_inner);
            match failure {
                None => printer.result(format_args!("{target}: ok, {progress}")),
                Some(failure) => {
                    printer.result(format_args!("{target}: FAILED, {progress}\n{failure}"));
                    failed.push(target);
                }
            }
        }
        Ok(failed)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        let mut failed = vec![];
        for worker in workers {
            failed.extend(worker.join().map_err(|_| Failure::new("a worker panicked"))??);
        }
        failed.sort();
        Ok(failed)
    })
}

/// Returns how many inputs were read, and how much of the code they reached.
fn progress(said: &str) -> String {
    let units = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let coverage = said.lines().rev().find_map(|line| line.split_once("cov: ")?.1.split(' ').next());
    format!("{} inputs, coverage {}", units.unwrap_or("?").trim(), coverage.unwrap_or("?"))
}

fn shortened(line: &str) -> String {
    line.chars().take(300).collect()
}
