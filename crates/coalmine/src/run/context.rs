//! What the canaries of a run share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use coalmine_a2a::WireError;
use coalmine_world::World;
use url::Url;

use super::Options;
use crate::{
    artifacts::Artifacts,
    converse::{Conversations, Ports, Route},
    deploy::{RunWorld, Runtime, TargetSpec},
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
    connections: Mutex<ConnectionNotes>,
}

/// What is known of the part that connections play.
#[derive(Debug, Default)]
struct ConnectionNotes {
    /// Whether a conversation was already held again over many connections.
    probed: bool,
    /// How many failures came over a single connection as well.
    controls: u32,
}

/// Whether and why no more turns are sent.
#[derive(Debug, Default)]
struct Ending {
    reason: Option<Diagnosis>,
    /// Whether the runtime is gone, so that it cannot be inspected either.
    gone: bool,
    /// Turns in a row that ran out of time.
    timeouts: u32,
    /// The canary in which the first of those was sent.
    hung: String,
    /// How many plain messages were sent beside the canaries.
    hellos: u32,
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
        let ports = ports(&options.target);
        let route = Route::new(&runtime.base(), &runtime.ready.card, &profile, options.dialect, ports);
        // the profile is the user's
        let own = profile.rpc.as_deref().and_then(|rpc| runtime.base().join(rpc).ok());
        own.iter().for_each(|url| runtime.client.trust(url));
        let (client, workspace) = (runtime.client.clone(), runtime.spec.workspace());
        let conversations = Conversations::new(client, route, &profile, &run_world.url, &workspace);
        let observer = Observer::new(runtime, Arc::clone(&world), events, artifacts);
        let (ending, connections) = (Mutex::default(), Mutex::default());
        Some(Self { options, events, runtime, world, conversations, observer, ending, connections })
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

    /// Returns true once: for the first conversation that recalls something.
    pub(super) fn is_first_recall(&self) -> bool {
        !std::mem::replace(&mut self.connection_notes().probed, true)
    }

    /// Returns whether a failure may be tried again over a single connection.
    pub(super) fn may_try_one_connection(&self, max: u32) -> bool {
        self.options.simulated() && self.ended().is_none() && self.connection_notes().controls < max
    }

    /// Notes a failure that came over a single connection as well.
    pub(super) fn note_connection_is_not_the_reason(&self) {
        self.connection_notes().controls += 1;
    }

    fn connection_notes(&self) -> MutexGuard<'_, ConnectionNotes> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how many turns in a row ran out of time.
    pub(super) fn timeouts(&self) -> u32 {
        self.ending().timeouts
    }

    /// Returns the canary in which the first of the turns was sent that ran out of time.
    pub(super) fn hung(&self) -> String {
        self.ending().hung.clone()
    }

    /// Counts whether turns that were sent alone ran out of time.
    pub(super) fn count_timeouts(&self, canary: &str, seen: &[TurnSeen]) {
        let mut ending = self.ending();
        if !seen.iter().any(ran_out_of_time) {
            ending.timeouts = 0;
            return;
        }
        if ending.timeouts == 0 {
            canary.clone_into(&mut ending.hung);
        }
        ending.timeouts += 1;
    }

    /// Counts a plain message beside the canaries and returns its number, from 1.
    pub(super) fn next_hello(&self) -> u32 {
        let mut ending = self.ending();
        ending.hellos += 1;
        ending.hellos
    }

    fn ending(&self) -> MutexGuard<'_, Ending> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns which ports may serve the runtime: coalmine chose that of a process that it started.
fn ports(target: &TargetSpec) -> Ports {
    match target {
        TargetSpec::Process(_) => Ports::Given,
        TargetSpec::Docker(_) | TargetSpec::Url(_) => Ports::OfTheCard,
    }
}

fn ran_out_of_time(turn: &TurnSeen) -> bool {
    matches!(turn.error, Some(WireError::Timeout { .. } | WireError::NotFinished { .. }))
}
