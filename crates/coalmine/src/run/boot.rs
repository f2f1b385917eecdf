//! From nothing to a runtime that answers; and back to nothing.

use std::io::Write;

use coalmine_a2a::{Client, Limits};
use tokio::sync::RwLock;
use url::Url;

use super::{
    Artifacts, Options,
    state::{Running, SoFar},
    surroundings::Surroundings,
};
use crate::{
    converse::Conversation,
    deploy::{LogTail, NotReady, Placeholders, ReadyRuntime, Target, TargetError, wait_until_ready},
    event::{Code, Diagnosis, Emitter, Evidence, Phase, TargetReady},
};

/// What was started so far; whatever is in here is taken down again.
pub(super) struct Stage {
    pub(super) target: Option<RwLock<Target>>,
    fill: Placeholders,
    surroundings: Surroundings,
    /// Why the run as a whole could not judge.
    pub(super) failed: Option<Diagnosis>,
}

impl Stage {
    pub(super) fn new(journal: Box<dyn Write + Send>) -> Self {
        Self {
            target: None,
            fill: Placeholders::default(),
            surroundings: Surroundings::new(journal),
            failed: None,
        }
    }

    /// Prepares the target, opens the world, starts the runtime and waits for its card.
    pub(super) async fn boot(
        &mut self,
        options: &Options,
        events: &Emitter,
        artifacts: &Artifacts,
        log: &LogTail,
    ) -> Result<ReadyRuntime, Diagnosis> {
        events.progress(Phase::Boot, format!("starting {}", options.target.describe()));
        let made =
            Target::new(&options.target, &options.run.id, &options.profile, &options.host, log.clone()).await;
        // kept before anything is started, so that it is taken down wherever this ends
        let target = self.target.insert(RwLock::new(made.map_err(|error| not_started(&error))?)).get_mut();
        target.open(events).await.map_err(|error| not_started(&error))?;
        self.fill = self.surroundings.open(options, target).await?;
        target.start(&options.profile, &self.fill).await.map_err(|error| not_started(&error))?;
        let base = target
            .base_url()
            .ok_or_else(|| Diagnosis::new(Code::BootStartFailed, "the runtime has no address"))?;
        let client = client(&base, options)
            .map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        let mut shown = std::time::Instant::now();
        let waited = wait_until_ready(
            &client,
            &base,
            options.profile.ready.http.as_deref(),
            options.ready_within,
            target.exited(),
            |last| {
                if shown.elapsed().as_secs() >= 1 {
                    shown = std::time::Instant::now();
                    events.progress(Phase::Boot, format!("waiting for the runtime; last seen: {last}"));
                }
            },
        )
        .await;
        match waited {
            Ok(ready) => Ok(ready),
            Err(reason) => {
                if let Some(inspected) = target.inspect().await {
                    artifacts.write("inspect.json", inspected.as_bytes());
                }
                Err(not_ready(&reason, options))
            }
        }
    }

    /// Everything that the canaries need, once the runtime answers.
    pub(super) async fn running<'a>(
        &'a self,
        options: &'a Options,
        events: &'a Emitter,
        artifacts: &'a Artifacts,
        log: &'a LogTail,
        ready: ReadyRuntime,
    ) -> Option<Running<'a>> {
        let (held, world) = (self.target.as_ref()?, self.surroundings.world.clone()?);
        let target = held.read().await;
        let base = target.base_url()?;
        let client = client(&base, options).ok()?;
        let conversation = Conversation::new(
            client.clone(),
            &base,
            &ready.card,
            &options.profile,
            options.dialect,
            &self.surroundings.url,
            &options.workspace(),
        );
        Some(Running {
            options,
            events,
            artifacts,
            target: held,
            exited: target.exited(),
            log,
            world,
            fill: self.fill.clone(),
            ready,
            client,
            conversation,
            memory_root: options.profile.memory.root.clone().unwrap_or_else(|| target.folders().memory),
            so_far: SoFar::new(base),
        })
    }

    /// Takes everything down, or says how to look at what is kept.
    pub(super) async fn teardown(&mut self, keep: bool, events: &Emitter) -> Vec<String> {
        let kept = match &mut self.target {
            Some(target) => target.get_mut().stop(keep).await,
            None => vec![],
        };
        if let Some(incomplete) = self.surroundings.close().await {
            events.finding(Code::ArtifactJournal, incomplete, None);
        }
        kept
    }
}

/// A client with the run's bounds and the profile's credentials.
fn client(base: &Url, options: &Options) -> Result<Client, coalmine_a2a::WireError> {
    let limits = Limits { time: options.turn_within, ..Limits::default() };
    let bearer = options.profile.auth.as_ref().map(|auth| auth.bearer.replace("{token}", &options.token));
    let headers: Vec<_> =
        bearer.map(|bearer| ("Authorization".to_owned(), format!("Bearer {bearer}"))).into_iter().collect();
    Client::new(base, limits, &headers)
}

impl Running<'_> {
    /// The dialect in use.
    pub(super) fn dialect(&self) -> Option<String> {
        self.conversation.endpoint().map(|endpoint| endpoint.dialect.name().to_owned())
    }

    /// What the reports are told about the runtime.
    pub(super) fn announcement(&self, image_digest: Option<String>) -> TargetReady {
        TargetReady {
            took_ms: u64::try_from(self.ready.took.as_millis()).unwrap_or(u64::MAX),
            card_url: self.ready.card_url.to_string(),
            rpc_url: self
                .conversation
                .endpoint()
                .map(|endpoint| endpoint.url.to_string())
                .unwrap_or_default(),
            dialect: self.dialect().unwrap_or_default(),
            agent: self.ready.card.name.chars().take(200).collect(),
            image_digest,
        }
    }
}

fn not_started(error: &TargetError) -> Diagnosis {
    let mut diagnosis = Diagnosis::new(error.code(), error.to_string());
    match error {
        TargetError::NoEngine { tried } => {
            diagnosis.cause = Some(format!("tried, in this order: {}", tried.join("; ")));
            diagnosis.hint = Some(
                "start Docker or Podman, or set `DOCKER_HOST`; without an engine, `--cmd` and `--url` judge a runtime that \
                 runs as a process"
                    .into(),
            );
        }
        TargetError::NoImage { cause, .. } => {
            diagnosis.cause = Some(cause.clone());
            diagnosis.hint = Some(
                "build it, or let it be fetched with `--pull missing` (the default) or `--pull always`"
                    .into(),
            );
        }
        _ => {}
    }
    diagnosis
}

pub(super) fn not_ready(reason: &NotReady, options: &Options) -> Diagnosis {
    match reason {
        NotReady::Exited(exit) => {
            Diagnosis::new(Code::BootCrashed, format!("the runtime ended before it was ready: {}", exit.how))
        }
        NotReady::TimedOut { within, last, tries } => {
            let sentence = format!("the runtime did not become ready within {} s", within.as_secs_f32());
            let mut diagnosis = Diagnosis::new(Code::BootNotReady, &sentence);
            diagnosis.cause = Some(format!("{last} ({tries} tries)"));
            diagnosis.hint = Some(match options.profile.ready.http {
                None => {
                    "if its card lives elsewhere, set `ready.http` in a profile; if it is slow, `--timeout`"
                        .into()
                }
                Some(_) => {
                    "is `ready.http` of the profile right? If the runtime is slow, give it `--timeout`".into()
                }
            });
            diagnosis
        }
    }
}

/// Adds the runtime's last lines to a diagnosis.
pub(super) fn attach_log(diagnosis: &mut Diagnosis, artifacts: &Artifacts, log: &LogTail) {
    let lines = log.lines();
    if lines.is_empty()
        || diagnosis.evidence.iter().any(|item| item.path.as_deref() == Some("runtime-tail.log"))
    {
        return;
    }
    let path = artifacts.write("runtime-tail.log", (lines.join("\n") + "\n").as_bytes());
    let text = telling(&lines).join("\n");
    diagnosis.evidence.push(Evidence { what: "the runtime's last lines".into(), text, path });
}

/// The lines of a log's end that say why: from the last one on that begins with an error's name, else the last ones.
fn telling(lines: &[String]) -> &[String] {
    const SHOWN: usize = 5;
    const SEARCHED: usize = 60;
    let names_error = |line: &&String| {
        let word = line.split([':', ' ']).next().unwrap_or_default();
        ["Error", "Exception", "panic", "ERROR", "FATAL"].iter().any(|name| word.contains(name))
    };
    let last = lines.len().saturating_sub(SHOWN);
    let recent = lines.len().saturating_sub(SEARCHED);
    let from = lines[recent..].iter().rposition(|line| names_error(&line)).map_or(last, |at| recent + at);
    let from = from.min(last);
    &lines[from..lines.len().min(from + SHOWN)]
}

#[cfg(test)]
mod tests {
    use super::telling;

    #[test]
    fn the_lines_that_say_why_are_shown_whatever_comes_after() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let stack = "    at a\n".repeat(12);
        let node = lines(&format!("listening\nSyntaxError: no end\n{stack}\nNode.js v20"));
        assert_eq!(telling(&node)[0], "SyntaxError: no end");
        let python = lines("Traceback\n  File\n    a()\n  File\n    b()\nValueError: no\n");
        assert_eq!(telling(&python), &python[1..]);
        let quiet = lines("one\ntwo\nthree\nfour\nfive\nsix, no Error at its begin");
        assert_eq!(telling(&quiet), &quiet[1..]);
        assert_eq!(telling(&quiet[..2]), &quiet[..2]);
    }
}
