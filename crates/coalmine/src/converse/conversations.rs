//! All conversations with a runtime: many at once, each with its own `contextId`.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use coalmine_a2a::{Card, Client, Dialect, Drift, Endpoint, Outgoing, Part, WireError, WireOutcome};
use coalmine_world::World;
use tokio::time::{Instant, sleep_until};
use url::Url;
use uuid::Uuid;

use super::{
    Delivery, Reply, UserTurn,
    attach::attach,
    attempt::Attempt,
    context::Context,
    route::{Route, no_address},
};
use crate::plan::{History, Linked, Profile, SendContext, SendTask};

/// The client of a runtime, with all its conversations.
pub struct Conversations {
    client: Client,
    /// The client of all turns, if they are to share its connections.
    kept: Mutex<Option<Client>>,
    route: Route,
    contexts: Mutex<HashMap<String, Context>>,
    history: History,
    links: Linked,
    interval: Duration,
    next: Mutex<Instant>,
    world_url: String,
    workspace: String,
}

/// A message that was sent, with what came of it.
struct SentMessage {
    message: Outgoing,
    reply: Reply,
}

impl Conversations {
    /// Returns a client of the runtime behind a card. `dialect` overrides the profile, which overrides the
    /// card.
    pub fn new(
        client: Client,
        base: &Url,
        card: &Card,
        profile: &Profile,
        dialect: Option<Dialect>,
        world_url: &str,
        workspace: &str,
    ) -> Self {
        Self {
            client,
            kept: Mutex::default(),
            route: Route::new(base, card, profile, dialect),
            contexts: Mutex::default(),
            history: profile.session.history,
            links: profile.attachments.link,
            interval: profile.rate.map_or(Duration::ZERO, |rate| rate.interval),
            next: Mutex::new(Instant::now()),
            world_url: world_url.to_owned(),
            workspace: workspace.to_owned(),
        }
    }

    /// Returns the endpoint in use.
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.route.current()
    }

    /// Sends everything to another host and port from now on: the runtime listens elsewhere.
    pub fn moved(&self, base: &Url) {
        self.route.moved(base);
    }

    /// Sends all turns over the same connection from now on, or each over one of its own, which is the
    /// default: behind an address there may be several workers, and a connection belongs to one of them.
    pub fn keep_connection(&self, keep: bool) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = keep.then(|| self.client.reconnected());
    }

    /// Returns the client of one turn: its message and its polls share a connection.
    fn client_for_turn(&self) -> Client {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.unwrap_or_else(|| self.client.reconnected())
    }

    /// Sends a turn and waits until it is settled or a bound runs out. What is planned to happen during the
    /// turn happens once `model_called` returns true.
    pub async fn say(
        &self,
        turn: UserTurn<'_>,
        world: &World,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> Delivery {
        self.wait_for_slot().await;
        let message = self.compose(turn, world);
        let reply = self.deliver(&message, turn, model_called).await;
        let sent = self.retry_if_refused(turn, SentMessage { message, reply }, model_called).await;
        self.take_in(turn, sent)
    }

    /// Returns whether a context's last task is over; `None` if the runtime answered without a task.
    pub fn is_task_over(&self, context: &str) -> Option<bool> {
        let contexts = self.contexts();
        let context = contexts.get(context)?;
        context.last_task.as_ref().map(|_| context.over)
    }

    /// Asks the runtime for a context's last task.
    pub async fn fetch_task(&self, context: &str) -> Option<WireOutcome> {
        let task = self.contexts().get(context)?.last_task.clone()?;
        Some(self.client.task(&self.route.current()?, &task).await)
    }

    /// Waits until the profile's rate allows another message.
    async fn wait_for_slot(&self) {
        let slot = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let slot = (*next).max(Instant::now());
            *next = slot + self.interval;
            slot
        };
        sleep_until(slot).await;
    }

    fn compose(&self, turn: UserTurn<'_>, world: &World) -> Outgoing {
        let mut contexts = self.contexts();
        let context = contexts.entry(turn.context.to_owned()).or_insert_with(Context::fresh);
        if turn.send.again
            && let Some(last) = &context.last_message
        {
            return last.clone();
        }
        let mut parts = vec![];
        if !turn.say.is_empty() {
            parts.push(Part::Text(turn.say.to_owned()));
        }
        for file in turn.files {
            parts.push(attach(file, self.links, world, &self.world_url, &self.workspace));
        }
        Outgoing {
            message_id: message_id(),
            context_id: context.context_id(turn.send.context),
            task_id: context.task_id(turn.send.task),
            reference_task_ids: vec![],
            parts,
            history: if self.history == History::Client { context.history.clone() } else { vec![] },
        }
    }

    async fn deliver(
        &self,
        message: &Outgoing,
        turn: UserTurn<'_>,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> Reply {
        let (stream, during) = (turn.send.stream, turn.during);
        let client = self.client_for_turn();
        let attempt = Attempt { client: &client, message, stream, during, model_called };
        if !turn.send.other_dialect {
            return self.route.deliver(attempt).await;
        }
        match self.route.other_dialect() {
            Some(endpoint) => attempt.send_to(&endpoint).await,
            None => no_address().into(),
        }
    }

    /// Sends a message again if the first answer asks for it: without ids that the runtime may refuse.
    async fn retry_if_refused(
        &self,
        turn: UserTurn<'_>,
        first: SentMessage,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> SentMessage {
        let SentMessage { message, reply } = &first;
        if !reply.sent.error.as_ref().is_some_and(WireError::rejects_message) {
            return first;
        }
        let send = turn.send;
        let own = send.context == SendContext::Own && send.task == SendTask::Waiting && !send.again;
        let follows_up = send.task == SendTask::FollowUp;
        if (follows_up || own) && message.task_id.is_some() {
            // a task that is over takes no more, and one that waited may be gone: the client goes on in its
            // context, and names the task that it follows up
            let follows = message.task_id.clone().filter(|_| follows_up).into_iter().collect();
            let message = Outgoing {
                message_id: message_id(),
                task_id: None,
                reference_task_ids: follows,
                ..message.clone()
            };
            let mut reply = self.deliver(&message, turn, model_called).await;
            reply.sent.exchanges.splice(0..0, first.reply.sent.exchanges);
            return SentMessage { message, reply };
        }
        if own && self.contexts().get(turn.context).is_none_or(Context::is_new) {
            // 1.0 §3.4.1: an agent that does not take the client's ids must refuse them, and may make its own
            let mut message = Outgoing { context_id: None, ..message.clone() };
            let mut reply = self.deliver(&message, turn, model_called).await;
            if reply.sent.error.is_none()
                && let Some(id) = reply.sent.view.context_ids.first().cloned()
            {
                reply.sent.view.drift.push(Drift::ContextRefused);
                reply.sent.exchanges.splice(0..0, first.reply.sent.exchanges);
                message.context_id = Some(id);
                return SentMessage { message, reply };
            }
        }
        first
    }

    fn take_in(&self, turn: UserTurn<'_>, sent: SentMessage) -> Delivery {
        let SentMessage { message, mut reply } = sent;
        if message.task_id.is_some() && turn.send.task == SendTask::Waiting {
            reply.sent.view.drift.push(Drift::TaskContinued);
        }
        let mut contexts = self.contexts();
        let context = contexts.entry(turn.context.to_owned()).or_default();
        let context_id = context.take_in(turn, &message, &mut reply.sent);
        Delivery { context_id, message_id: message.message_id, reply }
    }

    fn contexts(&self) -> MutexGuard<'_, HashMap<String, Context>> {
        self.contexts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn message_id() -> String {
    format!("canary-{}", &Uuid::new_v4().simple().to_string()[..12])
}
