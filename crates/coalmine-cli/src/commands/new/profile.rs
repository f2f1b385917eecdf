//! `coalmine new profile`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{Profile, builtin};
use coalmine_report::command_line;

use super::{file::NewFile, from_run::Facts, toml_text::TomlText};
use crate::{failure::Failure, printer::Printer};

/// The skeleton of a profile; `{{name}}` is filled in.
const PROFILE: &str = include_str!("profile.toml");

pub(super) fn new(to: &str, from_run: Option<&Utf8Path>, printer: &mut Printer) -> Result<(), Failure> {
    let path = path(to)?;
    let name = path.file_stem().filter(|_| path != "-").unwrap_or("mine");
    let skeleton = TomlText::new(&PROFILE.replace("{{name}}", name));
    let facts = from_run.map(Facts::read).transpose()?;
    let text = match &facts {
        Some(facts) => facts.written_into(skeleton)?,
        None => skeleton.to_string(),
    };
    Profile::read(name, path.as_str(), &text)?;
    NewFile { path: &path, text: &text, if_taken: "give another name or file" }.write(printer, || {
        let mut run = vec!["coalmine".to_owned(), "run".to_owned()];
        match &facts {
            Some(facts) => run.extend_from_slice(&facts.arguments),
            None => run.extend(["--image", "my-agent:dev"].map(str::to_owned)),
        }
        run.extend(["--profile".to_owned(), as_argument(&path)]);
        format!("check it: coalmine check {path}\nrun it:   {}", command_line(&run))
    })
}

/// Returns the file for a name or a path.
fn path(to: &str) -> Result<Utf8PathBuf, Failure> {
    if to == "-" || to.ends_with(".toml") || to.contains('/') {
        return Ok(to.into());
    }
    if builtin::profile_names().any(|known| known == to) {
        return Err(Failure::new(format!("`{to}` is the name of a built-in profile"))
            .hint("choose another name; `coalmine list profiles` shows those that are taken"));
    }
    Ok(format!("{to}.toml").into())
}

/// Returns a path as `--profile` reads it: without a folder or an ending it would be a name.
fn as_argument(path: &Utf8Path) -> String {
    let text = path.as_str();
    if text.ends_with(".toml") || text.contains('/') { text.to_owned() } else { format!("./{text}") }
}
