//! All conversations with a runtime: many at once, each with its own `contextId`.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use coalmine_a2a::{Client, Drift, Endpoint, HistoryEntry, Outgoing, Part, WireError, WireOutcome};
use coalmine_world::World;
use tokio::time::sleep;
use url::Url;
use uuid::Uuid;

use super::{
    Delivery, Reply, UserTurn,
    attach::attach,
    attempt::Attempt,
    context::{Context, fresh_id},
    route::{Route, no_address},
};
use crate::plan::{History, Linked, Profile, SendContext, SendTask};

/// How much longer than the profile's rate demands the time between two requests is: the runtime's clock and
/// the way there are not ours.
const MARGIN: f64 = 0.07;
/// How often a message is sent again that was refused for rate.
const MAX_SENT_AGAIN: usize = 2;
/// How long a refusal for rate is waited out if neither it nor the profile says how long.
const DEFAULT_WINDOW: Duration = Duration::from_secs(30);
/// The longest pause that a runtime may ask for.
const MAX_PAUSE: Duration = Duration::from_secs(90);
/// The pause before a turn that is to use the connection of the turn before.
const CONNECTION_BACK: Duration = Duration::from_millis(20);
/// The status of a refusal for rate.
const TOO_MANY_REQUESTS: u16 = 429;

/// The client of a runtime, with all its conversations.
pub struct Conversations {
    client: Client,
    /// The client of all turns, if they are to share its connections.
    kept: Mutex<Option<Client>>,
    route: Route,
    contexts: Mutex<HashMap<String, Context>>,
    history: History,
    links: Linked,
    /// How long a refusal for rate is waited out if it does not say how long.
    window: Duration,
    /// Whether waiting did not help.
    refuses_on: AtomicBool,
    world_url: String,
    workspace: String,
}

/// A message that was sent, with what came of it.
struct SentMessage {
    message: Outgoing,
    reply: Reply,
}

impl Conversations {
    /// Returns a client of the runtime that a route leads to.
    pub fn new(client: Client, route: Route, profile: &Profile, world_url: &str, workspace: &str) -> Self {
        let client = match profile.rate {
            Some(rate) => client.paced(rate.interval.mul_f64(1.0 + MARGIN)),
            None => client,
        };
        Self {
            client,
            kept: Mutex::default(),
            route,
            contexts: Mutex::default(),
            history: profile.session.history,
            links: profile.attachments.link,
            window: profile.rate.map_or(DEFAULT_WINDOW, |rate| rate.window),
            refuses_on: AtomicBool::new(false),
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
    async fn client_for_turn(&self) -> Client {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match kept {
            Some(kept) => {
                // the client takes its connection back a moment after the answer
                sleep(CONNECTION_BACK).await;
                kept
            }
            None => self.client.reconnected(),
        }
    }

    /// Sends a turn and waits until it is settled or a bound runs out. What is planned to happen during the
    /// turn happens once `model_called` returns true.
    pub async fn say(
        &self,
        turn: UserTurn<'_>,
        world: &World,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> Delivery {
        let message = self.compose(turn, world);
        let reply = self.deliver_patiently(&message, turn, model_called).await;
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

    /// Sends a message, and sends it again after a pause if it was refused for rate and the turn is patient.
    pub(super) async fn deliver_patiently(
        &self,
        message: &Outgoing,
        turn: UserTurn<'_>,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> Reply {
        let reply = self.deliver(message, turn, model_called).await;
        if turn.patient {
            return self.wait_out_refusal(message, turn, model_called, reply).await;
        }
        reply
    }

    /// Sends a message again, up to twice, if it was refused for rate: nothing was executed then. A runtime
    /// that refuses on after that, or that names a longer pause than anybody waits, is not waited for again.
    async fn wait_out_refusal(
        &self,
        message: &Outgoing,
        turn: UserTurn<'_>,
        model_called: &(dyn Fn() -> bool + Sync),
        mut reply: Reply,
    ) -> Reply {
        for _ in 0..MAX_SENT_AGAIN {
            if self.refuses_on.load(Ordering::Relaxed) || !is_refused_for_rate(&reply.sent) {
                return reply;
            }
            let named = reply.sent.exchanges.last().and_then(|exchange| exchange.retry_after);
            if named.is_some_and(|pause| pause > MAX_PAUSE) {
                break;
            }
            sleep(named.unwrap_or(self.window).min(MAX_PAUSE)).await;
            let first = reply.sent;
            reply = self.deliver(message, turn, model_called).await;
            reply.sent.exchanges.splice(0..0, first.exchanges);
            let status = reply.sent.exchanges.first().and_then(|exchange| exchange.status);
            reply.sent.view.drift.push(Drift::AskedToWait(status.unwrap_or(TOO_MANY_REQUESTS)));
        }
        if is_refused_for_rate(&reply.sent) {
            self.refuses_on.store(true, Ordering::Relaxed);
        }
        reply
    }

    fn compose(&self, turn: UserTurn<'_>, world: &World) -> Outgoing {
        let mut contexts = self.contexts();
        let context = contexts
            .entry(turn.context.to_owned())
            .or_insert_with(|| if turn.plain_id { Context::fresh_with_plain_id() } else { Context::fresh() });
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
            history: self.history_of(context),
        }
    }

    /// Returns what the client sends along of a conversation.
    pub(super) fn history_of(&self, context: &Context) -> Vec<HistoryEntry> {
        if self.history == History::Client { context.history.clone() } else { vec![] }
    }

    async fn deliver(
        &self,
        message: &Outgoing,
        turn: UserTurn<'_>,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> Reply {
        let (stream, during) = (turn.send.stream, turn.during);
        let client = self.client_for_turn().await;
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
        let first = match self.retry_with_uuid(turn, &first, model_called).await {
            Some(again) => return again,
            None => first,
        };
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

    /// Sends the first message of a conversation again with a UUID if its `contextId` was none and it was refused.
    /// Returns what came of it unless that was refused as well.
    async fn retry_with_uuid(
        &self,
        turn: UserTurn<'_>,
        first: &SentMessage,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> Option<SentMessage> {
        let is_first = || self.with_context(turn, |context| context.is_new());
        if !turn.plain_id || !is_refused(&first.reply.sent) || !is_first() {
            return None;
        }
        let context_id = Some(fresh_id());
        let message = Outgoing { message_id: message_id(), context_id, ..first.message.clone() };
        let mut reply = self.deliver(&message, turn, model_called).await;
        if is_refused(&reply.sent) || reply.sent.error.is_some() {
            return None;
        }
        reply.sent.view.drift.push(Drift::ContextForm);
        reply.sent.exchanges.splice(0..0, first.reply.sent.exchanges.iter().cloned());
        Some(SentMessage { message, reply })
    }

    fn take_in(&self, turn: UserTurn<'_>, sent: SentMessage) -> Delivery {
        let SentMessage { message, mut reply } = sent;
        if message.task_id.is_some() && turn.send.task == SendTask::Waiting {
            reply.sent.view.drift.push(Drift::TaskContinued);
        }
        let context_id = self.with_context(turn, |context| context.take_in(turn, &message, &mut reply.sent));
        Delivery { context_id, message_id: message.message_id, reply, ..Delivery::default() }
    }

    /// Reads or changes what is remembered of a turn's conversation.
    pub(super) fn with_context<T>(&self, turn: UserTurn<'_>, what: impl FnOnce(&mut Context) -> T) -> T {
        what(self.contexts().entry(turn.context.to_owned()).or_default())
    }

    fn contexts(&self) -> MutexGuard<'_, HashMap<String, Context>> {
        self.contexts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a message was refused, for whatever reason.
fn is_refused(sent: &WireOutcome) -> bool {
    match &sent.error {
        Some(WireError::Http { status, .. }) => *status != TOO_MANY_REQUESTS,
        Some(error) => matches!(error, WireError::Refused { .. }),
        None => sent.view.state.is_some_and(|state| state.is_refusal()),
    }
}

/// Returns whether a message was refused because too many came: by its status, or by what the refusal says.
fn is_refused_for_rate(sent: &WireOutcome) -> bool {
    let said = match (&sent.error, sent.view.state) {
        (Some(WireError::Http { status: TOO_MANY_REQUESTS, .. }), _) => return true,
        (Some(error @ (WireError::Http { .. } | WireError::Refused { .. })), _) => error.to_string(),
        (None, Some(state)) if state.is_refusal() => sent.view.text(),
        _ => return false,
    };
    names_rate(&said)
}

/// Returns whether a refusal says that messages come too fast.
pub(crate) fn names_rate(said: &str) -> bool {
    let said = said.to_lowercase();
    ["rate limit", "rate-limit", "ratelimit", "too many requests"].iter().any(|words| said.contains(words))
}

pub(super) fn message_id() -> String {
    format!("canary-{}", &Uuid::new_v4().simple().to_string()[..12])
}
