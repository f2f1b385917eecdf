//! Looks at the runtime after a turn: its session store, its memory, its disk.

use std::{sync::Arc, time::Duration};

use coalmine_a2a::WireError;
use coalmine_world::{Call, Prompt};
use tokio::time::Instant;

use super::{
    rounds::CanaryRun,
    state::{Running, STORE_WITHIN},
};
use crate::{
    observe::{MemorySeen, Store, TurnSeen},
    plan::{MemoryRule, ScriptTurn},
};

/// How long is waited for a store that is written after the answer.
const SETTLE: Duration = Duration::from_millis(1_000);

const UNSAID: &str = "the profile does not say where it can be read (`[state]`)";

impl Running<'_> {
    /// Looks at the memory and the disk after a turn.
    pub(super) async fn look(&self, seen: &mut TurnSeen) {
        seen.memory = self.memory(&seen.calls);
        let role = |name: &String| self.world.role_of(name).map(str::to_owned);
        let offers = seen.prompts().flat_map(Prompt::offers);
        let offered = offers.filter_map(|tool| role(&tool.name)).collect();
        let calls = seen.calls.iter().flat_map(|call| call.content.tool_calls());
        let called = calls.filter_map(|call| role(&call.name)).collect();
        (seen.offered, seen.called) = (offered, called);
        if self.must_look_into_memory(seen) {
            let pattern = [format!("{}/**", self.memory_root)];
            let files = self.target.read().await.read_files(&pattern).await.unwrap_or_default();
            let texts = files.into_iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
            seen.memory.kept.extend(texts);
        }
        self.so_far().memory_seen |= !seen.memory.kept.is_empty() || !seen.memory.write_tools.is_empty();
    }

    /// The files that match patterns; none where there are no patterns.
    pub(super) async fn files(&self, patterns: &[String]) -> Result<Vec<String>, String> {
        if patterns.is_empty() {
            return Ok(vec![]);
        }
        let found = self.target.read().await.read_files(patterns).await.map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|file| file.path).collect())
    }

    /// The files of which there must be none, and of which there was none before a turn.
    pub(super) async fn new_files(
        &self,
        turn: &ScriptTurn,
        before: &Result<Vec<String>, String>,
    ) -> Result<Vec<String>, String> {
        let mut found = self.files(&turn.no_file).await?;
        let before = before.as_ref().map_err(String::clone)?;
        found.retain(|path| !before.contains(path));
        match before.first() {
            Some(path) if found.is_empty() => Err(format!("{path} was there before")),
            _ => Ok(found),
        }
    }

    /// The session store after turns that were sent at once; again for a moment where what must be there is not yet.
    ///
    /// Where a turn does not know what it should, its own words must be there too: the store may be behind the answer.
    pub(super) async fn store_after(&self, canary: CanaryRun<'_>, seen: &[TurnSeen]) -> Arc<Store> {
        let until = Instant::now() + SETTLE;
        let store = loop {
            let store = self.store().await;
            let holds = |seen: &TurnSeen| {
                let texts: Vec<&str> = seen.turn.session.iter().map(String::as_str).collect();
                let knows = seen.turn.reply_contains.iter().all(|fact| seen.reply.contains(fact));
                let behind = !knows && seen.error.is_none() && !store.holds_together(&[&seen.turn.say]);
                !behind && (texts.is_empty() || store.holds_together(&texts))
            };
            if !store.tells_sessions_apart() || seen.iter().all(holds) || Instant::now() >= until {
                break store;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        if let Store::Read { raw, .. } = &store {
            let number = seen.first().map_or(1, |seen| seen.number);
            self.artifacts.write(&format!("session-store/{canary}-turn-{number}.txt"), raw);
        }
        Arc::new(store)
    }

    /// What the profile says most precisely is looked at: a command, files, then the address that most have inherited.
    async fn store(&self) -> Store {
        let probe = &self.options.profile.state;
        if !probe.exec.is_empty() {
            return match self.target.read().await.exec(&probe.exec).await {
                Ok(raw) => Store::from_bytes(raw),
                Err(error) => Store::Unreadable(error.to_string()),
            };
        }
        if !probe.files.is_empty() {
            return match self.target.read().await.read_files(&probe.files).await {
                Ok(files) => Store::from_files(files),
                Err(error) => Store::Unreadable(error.to_string()),
            };
        }
        let Some(path) = probe.http.as_ref().filter(|path| !path.is_empty()) else {
            return Store::Unreadable(UNSAID.into());
        };
        if let Some(reason) = self.so_far().store_refused.clone() {
            return Store::Unreadable(reason);
        }
        match self.get(path).await {
            Ok(raw) => Store::from_bytes(raw),
            Err(reason) => {
                let reason = format!("{reason}; {UNSAID}");
                self.so_far().store_refused = Some(reason.clone());
                Store::Unreadable(reason)
            }
        }
    }

    /// `GET` on the runtime, bounded in time and size.
    async fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let url = self.so_far().base.join(path).map_err(|error| error.to_string())?;
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
    fn memory(&self, calls: &[Arc<Call>]) -> MemorySeen {
        let mut seen = MemorySeen::default();
        let is_for = |tool: &str, role: &str| self.world.role_of(tool) == Some(role);
        let note = |list: &mut Vec<String>, name: &str| {
            if !list.iter().any(|known| known == name) {
                list.push(name.to_owned());
            }
        };
        for call in calls {
            for tool in call.content.prompt.iter().flat_map(Prompt::offers) {
                if is_for(&tool.name, "memory-write") {
                    note(&mut seen.write_tools, &tool.name);
                }
                if is_for(&tool.name, "memory-read") {
                    note(&mut seen.read_tools, &tool.name);
                }
            }
            for result in call.content.prompt.iter().flat_map(|prompt| prompt.results_since_question()) {
                note(&mut seen.results, &result.text);
            }
            for tool in call.content.tool_calls() {
                if is_for(&tool.name, "memory-write") {
                    seen.written.push(tool.arguments.to_string());
                }
                seen.reads += usize::from(is_for(&tool.name, "memory-read"));
            }
        }
        seen.kept = self.world.memories().into_iter().map(|memory| memory.content).collect();
        seen
    }
}
