//! A runtime that can be talked to: in many conversations at once, each with its own `contextId`.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use coalmine_a2a::{
    ArtifactText, Card, Client, Dialect, Endpoint, HistoryEntry, Outgoing, Part, State, WireError,
    WireOutcome,
};
use coalmine_world::World;
use tokio::time::{Instant, sleep_until};
use url::Url;
use uuid::Uuid;

use super::{
    action::{Done, PlannedAction},
    attach::attach,
    attempt::{Attempt, Outcome},
    route::Route,
};
use crate::plan::{Attachment, History, Linked, Profile, Send, SendContext, SendTask};

/// What is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Talk<'a> {
    /// The conversation, unique in the run.
    pub context: &'a str,
    /// The words; empty for none.
    pub say: &'a str,
    /// The files that come along.
    pub files: &'a [Attachment],
    /// How the message is sent.
    pub send: Send,
}

/// A turn that was sent.
#[derive(Debug)]
pub struct Delivered {
    /// The `contextId` that was sent; where none was, the conversation's, as far as it is known.
    pub context_id: String,
    /// The `messageId` that was sent.
    pub message_id: String,
    /// What came of it.
    pub sent: WireOutcome,
    /// What came of what the client did during; `None` where it did not get to it.
    pub done: Option<Done>,
}

/// A runtime that can be talked to.
pub struct Conversation {
    client: Client,
    route: Route,
    contexts: Mutex<HashMap<String, Context>>,
    history: History,
    links: Linked,
    interval: Duration,
    next: Mutex<Instant>,
    world_url: String,
    workspace: String,
}

#[derive(Debug, Clone, Default)]
struct Context {
    id: String,
    /// The task that waits for the user's next words: those continue it.
    waiting: Option<String>,
    last_task: Option<String>,
    /// Whether that is over.
    over: bool,
    /// What its artifacts have said so far.
    artifacts: Vec<ArtifactText>,
    last_message: Option<Outgoing>,
    history: Vec<HistoryEntry>,
}

impl Conversation {
    /// A conversation with the runtime behind a card. `dialect` overrides the profile, and that the card.
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

    /// The endpoint in use.
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.route.current()
    }

    /// The runtime listens elsewhere now.
    pub fn moved(&self, base: &Url) {
        self.route.moved(base);
    }

    /// Sends a turn and waits until it is settled or a bound runs out. With something meant to be done during it is
    /// streamed.
    pub async fn say(&self, talk: Talk<'_>, world: &World, meant: Option<PlannedAction<'_>>) -> Delivered {
        let message = self.prepare(talk, world).await;
        let outcome = self.deliver(&message, talk.send, meant).await;
        let (message, (sent, done)) = self.once_more(talk, message, outcome, meant).await;
        self.take_in(talk, &message, sent, done)
    }

    /// Whether a context's last task is over; `None` where the runtime answered without a task.
    pub fn is_task_over(&self, context: &str) -> Option<bool> {
        let contexts = self.contexts();
        let context = contexts.get(context)?;
        context.last_task.as_ref().map(|_| context.over)
    }

    /// The state of a context's last task, asked for now.
    pub async fn look(&self, context: &str) -> Option<WireOutcome> {
        let task = self.contexts().get(context)?.last_task.clone()?;
        Some(self.client.task(&self.route.current()?, &task).await)
    }

    async fn prepare(&self, talk: Talk<'_>, world: &World) -> Outgoing {
        let slot = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let slot = (*next).max(Instant::now());
            *next = slot + self.interval;
            slot
        };
        sleep_until(slot).await;
        self.compose(talk, world)
    }

    async fn deliver(&self, message: &Outgoing, send: Send, meant: Option<PlannedAction<'_>>) -> Outcome {
        let attempt = Attempt { client: &self.client, message, stream: send.stream, meant };
        match send.other_dialect {
            false => self.route.deliver(attempt).await,
            true => match self.route.endpoint(true) {
                Some(endpoint) => attempt.at(&endpoint).await,
                None => (super::route::nowhere(), None),
            },
        }
    }

    /// Sends a message again where the first answer asks for it: without ids that the runtime may refuse.
    async fn once_more(
        &self,
        talk: Talk<'_>,
        message: Outgoing,
        (sent, done): Outcome,
        meant: Option<PlannedAction<'_>>,
    ) -> (Outgoing, Outcome) {
        use coalmine_a2a::Drift::ContextRefused;
        let Send { context, task, again, .. } = talk.send;
        let refused = sent.error.as_ref().is_some_and(WireError::rejects_message);
        let first = self.contexts().get(talk.context).is_none_or(|context| context.history.is_empty());
        let own = context == SendContext::Own && task == SendTask::Waiting && !again;
        let follows_up = task == SendTask::FollowUp;
        if refused && (follows_up || own) && message.task_id.is_some() {
            // a task that is over takes no more, and one that waited may be gone: the client goes on in its context, and
            // says which task it follows up
            let follows = message.task_id.clone().filter(|_| follows_up).into_iter().collect();
            let again = Outgoing { task_id: None, reference_task_ids: follows, ..self.renamed(&message) };
            let mut made = self.deliver(&again, talk.send, meant).await;
            made.0.exchanges.splice(0..0, sent.exchanges);
            return (again, made);
        }
        if refused && first && own {
            // 1.0 §3.4.1: an agent that does not take the client's ids must refuse them, and may make its own
            let mut again = Outgoing { context_id: None, ..message.clone() };
            let mut made = self.deliver(&again, talk.send, meant).await;
            if let (None, Some(id)) = (&made.0.error, made.0.view.context_ids.first().cloned()) {
                made.0.view.drift.push(ContextRefused);
                made.0.exchanges.splice(0..0, sent.exchanges);
                again.context_id = Some(id);
                return (again, made);
            }
        }
        (message, (sent, done))
    }

    /// Another message with the same content.
    fn renamed(&self, message: &Outgoing) -> Outgoing {
        Outgoing { message_id: message_id(), ..message.clone() }
    }

    fn take_in(
        &self,
        talk: Talk<'_>,
        message: &Outgoing,
        mut sent: WireOutcome,
        done: Option<Done>,
    ) -> Delivered {
        if message.task_id.is_some() && talk.send.task == SendTask::Waiting {
            sent.view.drift.push(coalmine_a2a::Drift::TaskContinued);
        }
        let mut contexts = self.contexts();
        let context = contexts.entry(talk.context.to_owned()).or_default();
        let mut said = talk.say.to_owned();
        for file in talk.files {
            said.push('\n');
            said.push_str(&file.content);
        }
        match (&message.context_id, talk.send.context) {
            (Some(id), SendContext::Own) => context.id.clone_from(id),
            (None, _) if context.history.is_empty() => {
                context.id = sent.view.context_ids.first().cloned().unwrap_or_default();
            }
            _ => {}
        }
        // a message that was refused changes nothing
        if let Some(task) = sent.view.task_id.clone() {
            let mut artifacts = sent.view.artifacts();
            if context.last_task.as_ref() == Some(&task) {
                sent.view.leave_out(&context.artifacts);
                // a stream says only what is new
                let earlier = std::mem::take(&mut context.artifacts);
                let gone = |old: &ArtifactText| !artifacts.iter().any(|known| known.id == old.id);
                let kept: Vec<_> = earlier.into_iter().filter(gone).collect();
                artifacts.extend(kept);
            }
            let waits = sent.view.state == Some(State::InputRequired);
            context.over = sent.view.state.is_some_and(State::is_terminal);
            context.waiting = waits.then(|| task.clone());
            (context.last_task, context.artifacts) = (Some(task), artifacts);
        } else if message.task_id.is_none() && sent.error.is_none() {
            context.waiting = None;
        }
        context.last_message = Some(message.clone());
        context.history.push(HistoryEntry { by_agent: false, text: said.trim().to_owned() });
        context.history.push(HistoryEntry { by_agent: true, text: sent.view.text() });
        let context_id = message.context_id.clone().unwrap_or_else(|| context.id.clone());
        Delivered { context_id, message_id: message.message_id.clone(), sent, done }
    }

    fn compose(&self, talk: Talk<'_>, world: &World) -> Outgoing {
        let mut contexts = self.contexts();
        let context = contexts.entry(talk.context.to_owned()).or_insert_with(|| Context {
            // a UUID: some servers refuse anything else
            id: fresh_id(),
            ..Context::default()
        });
        if let (true, Some(last)) = (talk.send.again, &context.last_message) {
            return last.clone();
        }
        let text = (!talk.say.is_empty()).then(|| Part::Text(talk.say.to_owned()));
        let files =
            talk.files.iter().map(|file| attach(file, self.links, world, &self.world_url, &self.workspace));
        Outgoing {
            message_id: message_id(),
            context_id: match talk.send.context {
                SendContext::Own => Some(context.id.clone()),
                SendContext::None => None,
                SendContext::Foreign => Some(fresh_id()),
            },
            task_id: match talk.send.task {
                SendTask::Waiting => context.waiting.clone(),
                SendTask::Last | SendTask::FollowUp => context.last_task.clone(),
            },
            reference_task_ids: vec![],
            parts: text.into_iter().chain(files).collect(),
            history: if self.history == History::Client { context.history.clone() } else { vec![] },
        }
    }

    fn contexts(&self) -> MutexGuard<'_, HashMap<String, Context>> {
        self.contexts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

fn message_id() -> String {
    format!("canary-{}", &Uuid::new_v4().simple().to_string()[..12])
}
