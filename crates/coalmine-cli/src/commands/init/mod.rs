//! `coalmine init`: brings the gate to a template repository.
//!
//! - [`found`] reads what there is, [`family`] recognizes the framework, and [`forge`] where workflows are read.
//! - [`text`] is the `coalmine.toml` that follows.
//! - [`write`](mod@write) writes files without taking the place of others.

mod family;
mod forge;
mod found;
mod text;
mod write;

use camino::Utf8PathBuf;
use clap::Args;
use coalmine_report::escape;

pub(crate) use self::forge::Forge;
use self::{
    forge::Place,
    found::Found,
    write::{NewFile, Written},
};
use crate::{
    failure::Failure,
    printer::Printer,
    project::{FILE, ProjectFile, Root},
};

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The template repository
    #[arg(value_name = "DIR", default_value = ".")]
    folder: Utf8PathBuf,
    /// The forge whose workflow is written; found by the folders and the git remote by default
    #[arg(long, value_enum, value_name = "FORGE")]
    forge: Option<Forge>,
    /// The image of coalmine that judges in the gate, by digest: `registry/coalmine@sha256:…`
    #[arg(long, value_name = "IMAGE")]
    tool_image: Option<String>,
    /// Move the workflows in `.github/workflows`, which Gitea and Forgejo ignore as soon as there is a folder of their own
    #[arg(long)]
    move_workflows: bool,
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn init(arguments: &InitArguments, printer: &mut Printer) -> Result<u8, Failure> {
    let root = Root::open(&arguments.folder)?;
    let found = Found::in_repository(&root)?;
    let place = Place::of(&root, arguments.forge, found.remote.as_deref())?;
    let toml = text::coalmine_toml(&found, arguments.tool_image.as_deref());
    ProjectFile::parse(FILE, &toml)?;
    let files = [
        NewFile { path: FILE.into(), text: &toml },
        NewFile { path: place.workflow(), text: place.forge.workflow() },
    ];
    for line in found.lines() {
        printer.note(format_args!("found      {}", escape(&line)));
    }
    printer.note(format_args!("found      {}", escape(&place.why)));
    let moved = place.silenced(&root)?;
    if !moved.is_empty() && !arguments.move_workflows {
        return Err(Failure::new(format!(
            "`{}` would silence {} in `.github/workflows`: {} reads only one of the folders",
            place.folder,
            count(moved.len()),
            place.forge.name()
        ))
        .hint("move them along with `--move-workflows`, or name another forge with `--forge`"));
    }
    for file in &files {
        file.check(&root)?;
    }
    for name in &moved {
        write::check_move(&root, name, &place.folder)?;
    }
    if arguments.dry_run {
        for name in &moved {
            printer.note(format_args!("would move .github/workflows/{} to {}", escape(name), place.folder));
        }
        for file in &files {
            printer.answer(format_args!("--- {}\n{}", file.path, file.text.trim_end()));
        }
        return Ok(0);
    }
    for name in &moved {
        write::move_workflow(&root, name, &place.folder)?;
        printer.answer(format_args!("moved .github/workflows/{} to {}", escape(name), place.folder));
    }
    for file in &files {
        let done = match file.write(&root)? {
            Written::New => "wrote",
            Written::Same => "unchanged",
        };
        printer.answer(format_args!("{done} {}", file.path));
    }
    for line in found.open(arguments.tool_image.is_some(), place.forge) {
        printer.note(format_args!("left open  {}", escape(&line)));
    }
    printer.note("next       coalmine run");
    Ok(0)
}

fn count(workflows: usize) -> String {
    if workflows == 1 { "the workflow".to_owned() } else { format!("{workflows} workflows") }
}
