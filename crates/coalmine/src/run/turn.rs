//! One turn: sent, then looked at from every side.

use std::time::Duration;

use coalmine_a2a::{Exchange, Sent, WireError};
use coalmine_world::{Call, Mark};
use tokio::time::Instant;

use super::{
    boot::problem,
    state::{Running, STORE_WITHIN},
};
use crate::{
    converse::{Delivered, Talk},
    observe::{MemorySeen, Store, TurnSeen, is_model_call},
    plan::{MemoryRule, ScriptTurn},
    target::{Exit, Target, ended},
};

/// How long a lost connection waits for the news that the runtime ended.
const LAST_WORDS: Duration = Duration::from_millis(1_500);
/// How long is waited for a store that is written after the answer.
const SETTLE: Duration = Duration::from_millis(1_000);

impl Running<'_> {
    /// Sends a turn and takes in everything that can be seen of it. Ends the run's conversations where the runtime ends.
    pub(super) async fn turn(&mut self, canary: &str, number: u32, turn: &ScriptTurn) -> TurnSeen {
        let mark = self.world.mark();
        let began = Instant::now();
        let context = format!("{canary}/{}", turn.context);
        let talk = Talk { context: &context, say: &turn.say, file: turn.file.as_ref() };
        let mut exited = self.exited.clone();
        let delivered = tokio::select! {
            biased;
            delivered = self.conversation.say(talk, &self.world) => Ok(delivered),
            Some(exit) = ended(&mut exited) => Err(exit),
        };
        let (delivered, mut exit) = match delivered {
            Ok(delivered) => (delivered, None),
            Err(exit) => (lost_to(&exit), Some(exit)),
        };
        let tells = !matches!(self.target, Target::Url(_));
        if exit.is_none() && tells && delivered.sent.error.as_ref().is_some_and(WireError::is_lost) {
            exit = tokio::time::timeout(LAST_WORDS, ended(&mut exited)).await.ok().flatten();
        }
        let took = began.elapsed();
        if let Some(exit) = exit {
            let sentence = format!("the runtime ended in turn {number} of `{canary}`: {}", exit.how);
            self.over = Some(problem("boot.crashed", &sentence));
            self.gone = true;
        } else if matches!(&delivered.sent.error, Some(WireError::Connect(cause)) if !cause.is_empty())
            && self.timeouts == 0
        {
            self.is_it_gone(canary, number, &delivered.sent).await;
        }
        for drift in &delivered.sent.view.drift {
            self.events.finding(drift.code(), drift.to_string(), Some(canary));
        }
        let wire = self.keep_wire(canary, number, &delivered.sent.exchanges);
        let calls = self.calls_since(mark);
        self.model_called |= !calls.is_empty();
        let view = &delivered.sent.view;
        let mut seen = TurnSeen {
            number,
            turn: turn.clone(),
            skipped: None,
            context_id: delivered.context_id,
            context_ids: view.context_ids.clone(),
            state: view.state,
            reply: view.text(),
            error: delivered.sent.error,
            memory: MemorySeen::default(),
            calls,
            store: Store::Unreadable("it was not looked at".into()),
            took,
            wire,
        };
        if self.over.is_none() {
            self.look(canary, &mut seen).await;
        }
        self.timeouts = match seen.error {
            Some(WireError::Timeout { .. } | WireError::NotFinished { .. }) => self.timeouts + 1,
            _ => 0,
        };
        seen
    }

    /// Nobody listens any more, though nobody told that the runtime ended (it runs elsewhere): is it gone?
    async fn is_it_gone(&mut self, canary: &str, number: u32, sent: &Sent) {
        let (_, card) = self.client.card(&self.ready.card_url, Duration::from_secs(2)).await;
        if matches!(card, Err(WireError::Connect(_))) {
            let cause = sent.error.as_ref().map(ToString::to_string);
            let mut over =
                problem("boot.crashed", &format!("the runtime went away in turn {number} of `{canary}`"));
            over.cause = cause;
            self.over = Some(over);
            self.gone = true;
        }
    }

    /// Calls to the model since a mark.
    pub(super) fn calls_since(&self, mark: Mark) -> Vec<std::sync::Arc<Call>> {
        self.world.since(mark).into_iter().filter(|call| is_model_call(call)).collect()
    }

    /// Looks at the store and the memory; again for a moment where what must be there is not yet.
    async fn look(&mut self, canary: &str, seen: &mut TurnSeen) {
        seen.memory = self.memory(&seen.calls);
        if self.must_look_into_memory(seen) {
            let files =
                self.target.read_files(&[format!("{}/**", self.memory_root)]).await.unwrap_or_default();
            let texts = files.into_iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
            seen.memory.kept.extend(texts);
        }
        self.memory_seen |= !seen.memory.kept.is_empty() || !seen.memory.write_tools.is_empty();
        let texts: Vec<&str> = seen.turn.session.iter().map(String::as_str).collect();
        let until = Instant::now() + SETTLE;
        loop {
            seen.store = self.store().await;
            let settled =
                texts.is_empty() || !seen.store.tells_sessions_apart() || seen.store.holds_together(&texts);
            if settled || Instant::now() >= until {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if let Store::Read { raw, .. } = &seen.store {
            self.artifacts.write(&format!("session-store/{canary}-turn-{}.txt", seen.number), raw);
        }
    }

    async fn store(&mut self) -> Store {
        let probe = &self.options.profile.state;
        if let Some(path) = probe.http.as_ref().filter(|path| !path.is_empty()) {
            if let Some(reason) = &self.store_refused {
                return Store::Unreadable(reason.clone());
            }
            return match self.get(path).await {
                Ok(raw) => Store::from_bytes(raw),
                Err(reason) => {
                    self.store_refused = Some(reason.clone());
                    Store::Unreadable(reason)
                }
            };
        }
        if !probe.files.is_empty() {
            return match self.target.read_files(&probe.files).await {
                Ok(files) => Store::from_files(files),
                Err(error) => Store::Unreadable(error.to_string()),
            };
        }
        if !probe.exec.is_empty() {
            return match self.target.exec(&probe.exec).await {
                Ok(raw) => Store::from_bytes(raw),
                Err(error) => Store::Unreadable(error.to_string()),
            };
        }
        Store::Unreadable("the profile does not say where it can be read (`[state]`)".into())
    }

    /// `GET` on the runtime, bounded in time and size.
    async fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let url = self.base.join(path).map_err(|error| error.to_string())?;
        match self.client.get(&url, STORE_WITHIN).await {
            Ok(body) => Ok(body.into()),
            Err(WireError::Http { status, .. }) => Err(format!("GET {path}: status {status}")),
            Err(error) => Err(format!("GET {path}: {error}")),
        }
    }

    /// Reading a container's disk takes a while: only where nothing else proves what the memory holds.
    fn must_look_into_memory(&self, seen: &TurnSeen) -> bool {
        let proven = || seen.turn.reply_contains.iter().all(|fact| seen.remembered(fact, ""));
        !self.memory_root.is_empty()
            && match seen.turn.memory {
                Some(MemoryRule::Written) => seen.calls.is_empty(),
                Some(MemoryRule::Read) => !proven(),
                None => false,
            }
    }

    /// What the calls of a turn show of the memory.
    fn memory(&self, calls: &[std::sync::Arc<Call>]) -> MemorySeen {
        let mut seen = MemorySeen::default();
        let is_for = |tool: &str, role: &str| self.world.role_of(tool) == Some(role);
        let note = |list: &mut Vec<String>, name: &str| {
            if !list.iter().any(|known| known == name) {
                list.push(name.to_owned());
            }
        };
        for call in calls {
            for tool in call.said.prompt.iter().flat_map(|prompt| &prompt.tools) {
                if is_for(&tool.name, "memory-write") {
                    note(&mut seen.write_tools, &tool.name);
                }
                if is_for(&tool.name, "memory-read") {
                    note(&mut seen.read_tools, &tool.name);
                }
            }
            for result in call.said.prompt.iter().flat_map(|prompt| prompt.results_since_question()) {
                note(&mut seen.results, &result.text);
            }
            for tool in call.said.answer.iter().flat_map(|answer| &answer.calls) {
                if is_for(&tool.name, "memory-write") {
                    seen.written.push(tool.arguments.to_string());
                }
                seen.reads += usize::from(is_for(&tool.name, "memory-read"));
            }
        }
        seen.kept = self.world.memories().into_iter().map(|memory| memory.content).collect();
        seen
    }

    /// Writes down what was sent and received, as it was on the wire.
    fn keep_wire(&self, canary: &str, number: u32, exchanges: &[Exchange]) -> Vec<String> {
        let mut paths = vec![];
        for (at, exchange) in exchanges.iter().enumerate().take(20) {
            let step = if at == 0 { String::new() } else { format!("-{}", at + 1) };
            let name = format!("wire/{canary}-turn-{number}{step}");
            let is_json = exchange.content_type.as_deref().is_some_and(|kind| kind.contains("json"));
            let ending = if is_json { "json" } else { "txt" };
            paths.extend(self.artifacts.write(&format!("{name}.request.json"), &exchange.request));
            if exchange.status.is_some() {
                paths.extend(self.artifacts.write(&format!("{name}.response.{ending}"), &exchange.response));
            }
        }
        paths
    }
}

/// A turn that the end of the runtime cut short.
fn lost_to(exit: &Exit) -> Delivered {
    let error = Some(WireError::Lost(format!("the runtime ended: {}", exit.how)));
    let sent = Sent { exchanges: vec![], view: coalmine_a2a::View::default(), error };
    Delivered { context_id: String::new(), sent }
}
