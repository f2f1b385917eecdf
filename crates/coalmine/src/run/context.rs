//! What the canaries of a run share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use coalmine_a2a::WireError;
use coalmine_world::World;
use url::Url;

use super::Options;
use crate::{
    artifacts::Artifacts,
    converse::Conversations,
    deploy::{RunWorld, Runtime},
    event::{Code, Diagnosis, Emitter, TargetReady},
    observe::{Observer, TurnSeen},
    plan::{Before, Profile},
};

/// The most characters of the agent's name that are reported.
const MAX_NAME: usize = 200;

/// A runtime that answers, with everything that the canaries of a run need.
pub(super) struct RunContext<'a> {
    pub(super) options: &'a Options,
    pub(super) events: &'a Emitter,
    pub(super) runtime: &'a Runtime<'a>,
    pub(super) world: Arc<World>,
    pub(super) conversations: Conversations,
    pub(super) observer: Observer<'a>,
    ending: Mutex<Ending>,
}

/// Whether and why no more turns are sent.
#[derive(Debug, Default)]
struct Ending {
    reason: Option<Diagnosis>,
    /// Whether the runtime is gone, so that it cannot be inspected either.
    gone: bool,
    /// Turns in a row that ran out of time.
    timeouts: u32,
}

impl<'a> RunContext<'a> {
    /// Returns the context of a run; `None` if there is no world.
    pub(super) fn new(
        options: &'a Options,
        events: &'a Emitter,
        artifacts: &'a Artifacts,
        runtime: &'a Runtime<'a>,
        run_world: &RunWorld,
    ) -> Option<Self> {
        let world = run_world.world.clone()?;
        let rpc = options.profile.rpc.as_deref().map(|path| runtime.filled(path));
        let profile = Profile { rpc, ..options.profile.clone() };
        let conversations = Conversations::new(
            runtime.client.clone(),
            &runtime.base(),
            &runtime.ready.card,
            &profile,
            options.dialect,
            &run_world.url,
            &runtime.spec.workspace(),
        );
        let observer = Observer::new(runtime, Arc::clone(&world), events, artifacts);
        Some(Self { options, events, runtime, world, conversations, observer, ending: Mutex::default() })
    }

    /// Returns the name of the dialect in use.
    pub(super) fn dialect(&self) -> Option<String> {
        self.conversations.endpoint().map(|endpoint| endpoint.dialect.name().to_owned())
    }

    /// Returns what is reported about a runtime that is ready.
    pub(super) fn target_ready(&self, image_digest: Option<String>) -> TargetReady {
        let ready = &self.runtime.ready;
        let endpoint = self.conversations.endpoint();
        TargetReady {
            took_ms: u64::try_from(ready.took.as_millis()).unwrap_or(u64::MAX),
            card_url: ready.card_url.to_string(),
            rpc_url: endpoint.map(|endpoint| endpoint.url.to_string()).unwrap_or_default(),
            dialect: self.dialect().unwrap_or_default(),
            agent: ready.card.name.chars().take(MAX_NAME).collect(),
            image_digest,
        }
    }

    /// Stops the runtime and starts it again. Returns whether it came back; if not, no more turns are sent.
    pub(super) async fn restart(&self, before: Before) -> bool {
        let restarted = self.runtime.restart(before).await;
        self.follow(restarted)
    }

    /// Kills the runtime and starts it again. Returns whether it came back; if not, no more turns are sent.
    pub(super) async fn kill_and_start(&self) -> bool {
        let started = self.runtime.kill_and_start().await;
        self.follow(started)
    }

    /// Sends everything to where the runtime listens now. Returns whether it listens.
    fn follow(&self, started: Result<Url, Diagnosis>) -> bool {
        match started {
            Ok(base) => {
                self.conversations.moved(&base);
                true
            }
            Err(diagnosis) => {
                self.end(diagnosis, true);
                false
            }
        }
    }

    /// Returns why no more turns are sent, if so.
    pub(super) fn ended(&self) -> Option<Diagnosis> {
        self.ending().reason.clone()
    }

    /// Returns whether the runtime is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.ending().gone
    }

    /// Sends no more turns from now on. The first reason counts.
    pub(super) fn end(&self, why: Diagnosis, gone: bool) {
        let mut ending = self.ending();
        ending.reason.get_or_insert(why);
        ending.gone |= gone;
    }

    /// Sends no more turns from now on, because the runtime ended in the middle of a turn.
    pub(super) fn end_crashed(&self, sentence: String, cause: Option<String>) {
        let mut diagnosis = Diagnosis::new(Code::BootCrashed, sentence);
        diagnosis.cause = cause;
        self.end(diagnosis, true);
    }

    /// Returns how many turns in a row ran out of time.
    pub(super) fn timeouts(&self) -> u32 {
        self.ending().timeouts
    }

    /// Counts whether turns that were sent alone ran out of time.
    pub(super) fn count_timeouts(&self, seen: &[TurnSeen]) {
        let mut ending = self.ending();
        if seen.iter().any(ran_out_of_time) {
            ending.timeouts += 1;
        } else {
            ending.timeouts = 0;
        }
    }

    fn ending(&self) -> MutexGuard<'_, Ending> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ran_out_of_time(turn: &TurnSeen) -> bool {
    matches!(turn.error, Some(WireError::Timeout { .. } | WireError::NotFinished { .. }))
}
