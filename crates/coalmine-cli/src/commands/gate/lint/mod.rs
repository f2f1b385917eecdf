//! `coalmine gate lint`

mod annotations;
mod files;
mod json;
mod snippet;
mod text;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use coalmine_gate::{
    forge::RequiredContext,
    lint::{Canonical, LintOptions, LintReport, Source, Target, lint as judge},
};

use self::files::Unread;
use crate::{failure::Failure, printer::Printer};

/// The most characters of a text from a file that is shown.
const MAX_SHOWN: usize = 500;

#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    /// Workflow files; by default those of the current folder that the forge reads
    #[arg(value_name = "FILE")]
    files: Vec<Utf8PathBuf>,
    /// The forge that runs the workflows: `gitea@1.22.6`, `gitea@1.27`, `gitea`, `forgejo@15` or `github`; by default the one of
    /// the file's folder, and for Gitea all versions from 1.22 to 1.27
    #[arg(long, value_name = "FORGE[@VERSION]")]
    forge: Option<Target>,
    /// A context that the branch protection requires; may be repeated. Without any, every job that runs on pull requests, or in a
    /// workflow without them on each push, counts as required
    #[arg(long, value_name = "CONTEXT")]
    required: Vec<String>,
    /// The canonical file of the gate, with which the file of the same name is compared
    #[arg(long, value_name = "FILE")]
    canonical: Vec<Utf8PathBuf>,
    /// The files of the base branch: a checkout, a folder of workflow files, or a file
    #[arg(long, value_name = "DIR|FILE")]
    base: Option<Utf8PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    format: LintFormat,
}

/// A format of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LintFormat {
    /// For people, on stderr
    Text,
    /// For programs, on stdout; `coalmine schema lint` prints the schema
    Json,
    /// Annotations for the log of GitHub and Gitea, on stdout
    Github,
}

/// Judges workflow files. Returns 0 if the gate holds, 1 if it does not, and 2 if a file could not be judged.
pub(crate) fn lint(arguments: &LintArguments, printer: &mut Printer) -> Result<u8, Failure> {
    let (sources, unread) = files::sources(&arguments.files, arguments.forge)?;
    if !arguments.required.is_empty() && sources.iter().any(|source| is_other_forge(source, &sources)) {
        let failure = Failure::new("the files are for several forges, and `--required` is about one of them");
        return Err(failure.hint("name the forge whose branch protection it is with `--forge`"));
    }
    let options = options(arguments, &sources)?;
    let report = judge(&sources, &options);
    match arguments.format {
        LintFormat::Text => text::print(&sources, &report, printer),
        LintFormat::Json => json::print(&sources, &report, &unread, printer),
        LintFormat::Github => annotations::print(&sources, &report, printer),
    }
    let failures = failures(&sources, &report, unread);
    let code = if failures.is_empty() { u8::from(report.has_errors()) } else { 2 };
    printer.failure(&Failure::Several(failures));
    Ok(code)
}

fn is_other_forge(source: &Source, sources: &[Source]) -> bool {
    sources.first().is_some_and(|first| first.target != source.target)
}

fn failures(sources: &[Source], report: &LintReport, unread: Vec<Unread>) -> Vec<Failure> {
    let judged = report.unreadable.iter().filter_map(|(index, reason)| {
        let path = &sources.get(*index)?.path;
        Some(Failure::new(format!("could not judge `{path}`")).because(reason))
    });
    judged.chain(unread.into_iter().map(|unread| unread.failure)).collect()
}

fn options(arguments: &LintArguments, sources: &[Source]) -> Result<LintOptions, Failure> {
    // GitHub requires names, and the others globs
    let is_github = sources.first().is_some_and(|source| source.target == Target::Github);
    let required = arguments.required.iter().map(|context| {
        if is_github { RequiredContext::name(context, None) } else { RequiredContext::glob(context) }
    });
    let required = required.collect::<Vec<_>>();
    let canonical: Result<Vec<Canonical>, Failure> =
        arguments.canonical.iter().map(|file| canonical(file)).collect();
    let base = arguments.base.as_ref().map(|base| files::base(base, arguments.forge, sources));
    let mut base: Option<Vec<Source>> = base.transpose()?;
    if !arguments.files.is_empty()
        && let Some(base) = &mut base
    {
        // of a head of which only some files are given, nothing is known about the others
        base.retain(|before| sources.iter().any(|source| source.name() == before.name()));
    }
    let required = (!required.is_empty()).then_some(required);
    Ok(LintOptions { required, canonical: canonical?, base, declared: vec![] })
}

fn canonical(file: &camino::Utf8Path) -> Result<Canonical, Failure> {
    let name = file.file_name().unwrap_or_default().to_owned();
    let bytes = crate::files::bounded(file).map_err(|error| {
        Failure::new(format!("could not read the canonical file `{file}`")).because(error)
    })?;
    Ok(Canonical { name, bytes })
}
