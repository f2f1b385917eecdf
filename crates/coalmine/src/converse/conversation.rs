//! Sending turns.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use coalmine_a2a::{
    Card, Client, Dialect, Drift, Endpoint, HistoryEntry, Outgoing, Part, Sent, State, WireError,
};
use coalmine_world::World;
use tokio::time::{Instant, sleep_until};
use url::Url;
use uuid::Uuid;

use super::candidates;
use crate::plan::{AttachAs, Attachment, History, Linked, Profile};

/// What is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Talk<'a> {
    /// The conversation, unique in the run.
    pub context: &'a str,
    /// The words; empty for none.
    pub say: &'a str,
    /// The file that comes along.
    pub file: Option<&'a Attachment>,
}

/// A turn that was sent.
#[derive(Debug)]
pub struct Delivered {
    /// The `contextId` that was sent.
    pub context_id: String,
    /// What came of it.
    pub sent: Sent,
}

/// A runtime that can be talked to.
pub struct Conversation {
    client: Client,
    /// The first is in use; the others are tried while nothing was ever answered.
    endpoints: Vec<Endpoint>,
    settled: bool,
    contexts: HashMap<String, Context>,
    history: History,
    links: Linked,
    interval: Duration,
    next: Instant,
    world_url: String,
    workspace: String,
}

#[derive(Debug, Default)]
struct Context {
    id: String,
    /// The task that waits for the user's next words: those continue it.
    open_task: Option<String>,
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
        let chosen = dialect.or(profile.dialect).or_else(|| card.dialect()).unwrap_or(Dialect::V0_3);
        let mut endpoints = candidates::endpoints(base, card, profile.rpc.as_deref(), chosen);
        if dialect.is_none() && profile.dialect.is_none() {
            endpoints.extend(candidates::endpoints(base, card, profile.rpc.as_deref(), chosen.other()));
        }
        Self {
            client,
            endpoints,
            settled: false,
            contexts: HashMap::new(),
            history: profile.session.history,
            links: profile.attachments.link,
            interval: profile.rate.map_or(Duration::ZERO, |rate| rate.interval),
            next: Instant::now(),
            world_url: world_url.to_owned(),
            workspace: workspace.to_owned(),
        }
    }

    /// The endpoint in use.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoints.first()
    }

    /// Sends a turn and waits until it is settled or a bound runs out.
    pub async fn say(&mut self, talk: Talk<'_>, world: &World) -> Delivered {
        sleep_until(self.next).await;
        self.next = Instant::now() + self.interval;
        let mut message = self.compose(talk, world);
        let mut sent = self.deliver(&message).await;
        if self.is_first(talk.context) && sent.error.as_ref().is_some_and(refuses_params) {
            // 1.0 §3.4.1: an agent that does not take the client's ids must refuse them, and may make its own
            let again = Outgoing { context_id: None, ..message.clone() };
            let mut made = self.deliver(&again).await;
            if let (None, Some(id)) = (&made.error, made.view.context_ids.first().cloned()) {
                made.view.drift.push(Drift::ContextRefused);
                made.exchanges.splice(0..0, sent.exchanges);
                message.context_id = Some(id);
                sent = made;
            }
        }
        if message.task_id.is_some() {
            sent.view.drift.push(Drift::TaskContinued);
        }
        let context = self.contexts.entry(talk.context.to_owned()).or_default();
        let said = [talk.say, talk.file.map_or("", |file| &file.content)].join("\n").trim().to_owned();
        context.id = message.context_id.clone().unwrap_or_default();
        let waits = sent.view.state.is_some_and(|state| state == State::InputRequired);
        context.open_task = sent.view.task_id.clone().filter(|_| waits);
        context.history.push(HistoryEntry { by_agent: false, text: said });
        context.history.push(HistoryEntry { by_agent: true, text: sent.view.text() });
        Delivered { context_id: message.context_id.unwrap_or_default(), sent }
    }

    /// Whether nothing was said in a context yet.
    fn is_first(&self, context: &str) -> bool {
        self.contexts.get(context).is_none_or(|context| context.history.is_empty())
    }

    fn compose(&mut self, talk: Talk<'_>, world: &World) -> Outgoing {
        let context = self.contexts.entry(talk.context.to_owned()).or_insert_with(|| Context {
            // a UUID: some servers refuse anything else
            id: Uuid::new_v4().to_string(),
            ..Context::default()
        });
        let text = (!talk.say.is_empty()).then(|| Part::Text(talk.say.to_owned()));
        let file = talk.file.map(|file| attach(file, self.links, world, &self.world_url, &self.workspace));
        Outgoing {
            message_id: format!("canary-{}", &Uuid::new_v4().simple().to_string()[..12]),
            context_id: Some(context.id.clone()),
            task_id: context.open_task.clone(),
            parts: text.into_iter().chain(file).collect(),
            history: if self.history == History::Client { context.history.clone() } else { vec![] },
        }
    }

    /// Tries the other endpoints only while none has ever answered, and only after answers that executed nothing.
    async fn deliver(&mut self, message: &Outgoing) -> Sent {
        let mut first: Option<Sent> = None;
        let mut at = 0;
        while let Some(endpoint) = self.endpoints.get(at) {
            let mut sent = self.client.send(endpoint, message).await;
            let elsewhere =
                sent.error.as_ref().is_some_and(|error| error.nothing_there() || error.refuses_dialect());
            if self.settled || !elsewhere {
                if let Some(first) = first {
                    sent.view.drift.extend(self.drift(at));
                    sent.exchanges.splice(0..0, first.exchanges);
                }
                self.endpoints.swap(0, at);
                self.settled = true;
                return sent;
            }
            first.get_or_insert(sent);
            at += 1;
        }
        first.unwrap_or_else(|| Sent {
            exchanges: vec![],
            view: coalmine_a2a::View::default(),
            error: Some(WireError::Connect("the card names no address".into())),
        })
    }

    /// What using the endpoint at `at` in place of the first one says about the card.
    fn drift(&self, at: usize) -> Vec<Drift> {
        let (card, used) = (&self.endpoints[0], &self.endpoints[at]);
        let mut drift = vec![];
        if card.dialect != used.dialect {
            drift.push(Drift::DialectRefused { card: card.dialect.name(), spoken: used.dialect.name() });
        }
        if card.url != used.url {
            drift.push(Drift::CardUrl { card: card.url.to_string(), used: used.url.to_string() });
        }
        drift
    }
}

/// Whether the server refuses what a message says of itself: nothing was executed.
fn refuses_params(error: &WireError) -> bool {
    matches!(error, WireError::Rpc { code: -32602 | -32600 | -32001 | -32004, .. })
}

fn attach(file: &Attachment, links: Linked, world: &World, world_url: &str, workspace: &str) -> Part {
    let bytes = Bytes::from(file.content.clone());
    let (name, mime) = (file.name.clone(), file.mime.clone());
    let upload = match file.attach {
        AttachAs::Inline => None,
        AttachAs::Link => world.upload(workspace, &name, bytes.clone()),
    };
    match upload {
        None => Part::Bytes { name, mime, bytes: bytes.into() },
        Some(upload) => {
            let uri = match links {
                Linked::Http => format!("{world_url}/workspaces/{workspace}/chat/uploads/{}", upload.id),
                _ => upload.workspace_uri(),
            };
            Part::Uri { name, mime, uri }
        }
    }
}
