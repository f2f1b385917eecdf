//! `coalmine gate comment`

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use camino::Utf8Path;
use coalmine_gate::rollout::act;
use coalmine_report::{Destination, EVENTS_FILE, Fanout, Format, Formatted, rebuild};

use super::operator::{Operator, failed};
use crate::{arguments::FleetArguments, context::Context, failure::Failure, printer::Printer};

/// What is commented on, and by whom.
pub(super) struct What<'a> {
    pub(super) repository: &'a str,
    pub(super) pull: u64,
    pub(super) author: Option<&'a str>,
    pub(super) folder: &'a Utf8Path,
}

pub(super) async fn comment(
    fleet: &FleetArguments,
    what: What<'_>,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let text = all(what.folder)?;
    let operator = Operator::new(fleet, context)?;
    let (repository, _) = operator.repository(what.repository)?;
    let name = operator.name(repository)?;
    let author = match what.author {
        Some(author) => author.to_owned(),
        None => {
            let asked = operator.forge.whoami().await;
            asked
                .map_err(|error| failed(error).also("`--author` names the login, if the token may not ask"))?
                .login
        }
    };
    let was_there = act::comment(&operator.forge, &name, what.pull, &author, &text).await.map_err(failed)?;
    let done = if was_there { "updated" } else { "written" };
    printer.answer(format_args!("the comment on #{} is {done}", what.pull));
    Ok(0)
}

/// Returns the Markdown of a run, or of both if a pull request was judged by two configurations.
fn all(folder: &Utf8Path) -> Result<String, Failure> {
    let both = [("base", "As the base branch judges it"), ("head", "As the pull request judges itself")];
    if both.iter().any(|(name, _)| !folder.join(name).join(EVENTS_FILE).is_file()) {
        return markdown(folder);
    }
    let mut text = String::new();
    for (name, title) in both {
        let run = markdown(&folder.join(name))?;
        text.push_str(&format!("# {title}\n\n{run}\n"));
    }
    Ok(text)
}

/// Returns the Markdown of a run.
fn markdown(folder: &Utf8Path) -> Result<String, Failure> {
    let text = Text::default();
    let destination = Destination::Writer(Box::new(text.clone()));
    let reports = Fanout::new().with(Formatted::new(Format::Markdown, folder, destination));
    let rebuilt = rebuild(folder, reports).map_err(|error| {
        Failure::new("the run cannot be read")
            .because(error)
            .hint("give the folder of a run, such as `coalmine-out/latest`")
    })?;
    if let Some(broken) = rebuilt.broken.first() {
        return Err(Failure::new("the comment cannot be written").because(&broken.error));
    }
    let bytes = text.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    String::from_utf8(bytes).map_err(|error| Failure::new("the comment is not UTF-8").because(error))
}

/// A text in memory.
#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
