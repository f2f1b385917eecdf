//! `coalmine gate exercise`

use std::time::Duration;

use coalmine_gate::rollout::act;
use coalmine_report::escape;
use tokio::time::{Instant, sleep};

use super::operator::{Operator, failed};
use crate::{arguments::FleetArguments, context::Context, failure::Failure, printer::Printer};

/// The pause between two looks.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) async fn exercise(
    fleet: &FleetArguments,
    repository: &str,
    minutes: u64,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let operator = Operator::new(fleet, context)?;
    let (repository, _) = operator.repository(repository)?;
    let name = operator.name(repository)?;
    let base = operator.forge.repository(&name).await.map_err(failed)?.default_branch;
    let opened = act::begin_exercise(&operator.forge, &name, &base, context.now).await.map_err(failed)?;
    let pull = &opened.pull;
    printer.note(format_args!("pull request #{}: {}", pull.number, escape(&pull.url)));
    let deadline = Instant::now() + Duration::from_secs(minutes.saturating_mul(60));
    let ended = loop {
        if let Some(state) =
            act::ended(&operator.forge, &name, &operator.gate, &pull.head).await.map_err(failed)?
        {
            break Some(state);
        }
        if Instant::now() >= deadline {
            break None;
        }
        sleep(PAUSE).await;
    };
    let Some(state) = ended else {
        return Err(Failure::new(format!("the gate did not end within {minutes} minutes")).hint(format!(
            "look at pull request #{}; the same command waits on, and closes it",
            pull.number
        )));
    };
    act::end_exercise(&operator.forge, &name, &opened).await.map_err(failed)?;
    printer.answer(format_args!(
        "{}: the gate ended as {}; pull request #{} is closed",
        repository.name,
        escape(&state),
        pull.number
    ));
    Ok(u8::from(state != "success"))
}
