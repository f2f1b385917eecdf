//! Inspecting the runtime after turns: its session store, its memory, its disk.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use coalmine_world::{Call, Prompt};
use tokio::time::Instant;

use super::{
    CanaryRun, MemorySeen, Observer, Store, TurnSeen, redis,
    sqlite::{self, WAL},
};
use crate::{
    deploy::{MAX_DATABASE_BYTES, MAX_STORE_BYTES},
    plan::{MemoryRule, RedisStore, ScriptTurn},
};

/// How long to wait for a store that is written after the answer.
const SETTLE: Duration = Duration::from_millis(1_000);
/// The time between two reads of such a store.
const INTERVAL: Duration = Duration::from_millis(50);

/// The roles of the tools for a memory.
const WRITE: &str = "memory-write";
const READ: &str = "memory-read";

const STORE_UNKNOWN: &str = "let the runtime answer `GET /admin/session-store`, which needs no profile, or say in `[state]` where it \
                             can be read";

/// The paths of files, or why they cannot be listed.
pub(crate) type FileList = Result<Vec<String>, String>;

impl Observer<'_> {
    /// Returns the files that must not appear during these turns and exist already.
    pub(crate) async fn files_before(&self, turns: &[&ScriptTurn]) -> FileList {
        let patterns: Vec<String> = turns.iter().flat_map(|turn| turn.no_file.clone()).collect();
        self.list_files(&patterns).await
    }

    /// Inspects the session store, the memory and the disk after turns that were sent at the same time.
    pub(crate) async fn inspect(&self, run: CanaryRun<'_>, seen: &mut [TurnSeen], files_before: &FileList) {
        let (store, store_file) = self.settled_store(run, seen).await;
        let workspace = self.runtime.spec.workspace();
        for turn in seen {
            turn.store = Arc::clone(&store);
            turn.store_file.clone_from(&store_file);
            turn.under_workspace = store.holds_under(&turn.turn.say, &workspace);
            self.inspect_tools(turn);
            self.inspect_memory(turn).await;
            turn.files_there = self.new_files(&turn.turn, files_before).await;
        }
    }

    /// Returns the session store and the file with what was read; reads it again for a moment if it does not hold yet what
    /// it must.
    async fn settled_store(&self, run: CanaryRun<'_>, seen: &[TurnSeen]) -> (Arc<Store>, Option<String>) {
        let until = Instant::now() + SETTLE;
        let mut store = loop {
            let store = self.read_store().await;
            if !store.distinguishes_sessions()
                || seen.iter().all(|turn| has_settled(&store, turn))
                || Instant::now() >= until
            {
                break store;
            }
            tokio::time::sleep(INTERVAL).await;
        };
        let file = store.take_raw().and_then(|raw| {
            let number = seen.first().map_or(1, |seen| seen.number);
            self.artifacts.write(&format!("session-store/{run}-turn-{number}.txt"), &raw)
        });
        (self.shared(store), file)
    }

    /// Returns the store as it was read last if nothing changed in it: every turn keeps one, and it can be large.
    fn shared(&self, store: Store) -> Arc<Store> {
        let mut notes = self.notes();
        match &notes.last_store {
            Some(last) if **last == store => Arc::clone(last),
            _ => Arc::clone(notes.last_store.insert(Arc::new(store))),
        }
    }

    /// Reads the store where the profile names it most precisely: a command, files, a database, Redis, then the address that
    /// most profiles inherit.
    async fn read_store(&self) -> Store {
        let probe = &self.runtime.spec.profile.state;
        let filled = |texts: &[String]| -> Vec<String> {
            texts.iter().map(|text| self.runtime.filled(text)).collect()
        };
        if !probe.exec.is_empty() {
            return match self.runtime.target().await.exec(&filled(&probe.exec)).await {
                Ok(raw) => Store::from_bytes(raw),
                Err(error) => Store::Unreadable(error.to_string()),
            };
        }
        if !probe.files.is_empty() {
            return match self.runtime.target().await.read_files(&filled(&probe.files), MAX_STORE_BYTES).await
            {
                Ok(read) => Store::from_files(read.files, read.complete),
                Err(error) => Store::Unreadable(error.to_string()),
            };
        }
        if !probe.sqlite.is_empty() {
            let logs = probe.sqlite.iter().map(|pattern| format!("{pattern}{WAL}"));
            let patterns: Vec<String> = probe.sqlite.iter().cloned().chain(logs).collect();
            return match self.runtime.target().await.read_files(&filled(&patterns), MAX_DATABASE_BYTES).await
            {
                // half of a database cannot be read
                Ok(read) if !read.complete => {
                    Store::Unreadable("the files of `[state] sqlite` are too large".into())
                }
                Ok(read) => {
                    let ledger = self.runtime.spec.host.ledger_folder();
                    tokio::task::spawn_blocking(move || sqlite::read(&read.files, &ledger))
                        .await
                        .unwrap_or_else(|error| Store::Unreadable(error.to_string()))
                }
                Err(error) => Store::Unreadable(error.to_string()),
            };
        }
        if let Some(text) = &probe.redis {
            return match RedisStore::parse(&self.runtime.filled(text)) {
                Ok(at) => tokio::task::spawn_blocking(move || redis::read(&at))
                    .await
                    .unwrap_or_else(|error| Store::Unreadable(error.to_string())),
                Err(reason) => Store::Unreadable(format!("`[state] redis`: {reason}")),
            };
        }
        let Some(path) = probe.http.as_ref().filter(|path| !path.is_empty()) else {
            return Store::Unreadable(STORE_UNKNOWN.into());
        };
        if let Some(reason) = self.notes().store_refused.clone() {
            return Store::Unreadable(reason);
        }
        match self.runtime.get(&self.runtime.filled(path)).await {
            Ok(raw) => Store::from_bytes(raw),
            Err(reason) => {
                let reason = format!("{reason}; {STORE_UNKNOWN}");
                self.notes().store_refused = Some(reason.clone());
                Store::Unreadable(reason)
            }
        }
    }

    /// Notes which tools the model was offered and called.
    fn inspect_tools(&self, seen: &mut TurnSeen) {
        let (mut offered, mut called) = (BTreeSet::new(), BTreeSet::new());
        for call in &seen.calls {
            for tool in call.content.prompt.iter().flat_map(Prompt::offers) {
                offered.extend(self.world.role_of_offer(tool).map(str::to_owned));
            }
            for tool in call.content.tool_calls() {
                called.extend(self.role_of_call(call, &tool.name).map(str::to_owned));
            }
        }
        (seen.offered, seen.called) = (offered, called);
    }

    /// Returns the role of a tool that the model called: that of its offer, or else of its name.
    pub(super) fn role_of_call(&self, call: &Call, tool: &str) -> Option<&str> {
        let mut offers = call.content.prompt.iter().flat_map(Prompt::offers);
        match offers.find(|offer| offer.name == tool) {
            Some(offer) => self.world.role_of_offer(offer),
            None => self.world.role_of(tool),
        }
    }

    /// Notes what the memory holds, as far as it can be seen from outside.
    async fn inspect_memory(&self, seen: &mut TurnSeen) {
        seen.memory = self.memory_in_calls(&seen.calls);
        seen.memory.kept = self.world.memories().iter().map(|memory| Arc::clone(&memory.content)).collect();
        if self.must_read_memory_root(seen) {
            let pattern = [format!("{}/**", self.runtime.memory_root)];
            let target = self.runtime.target().await;
            for file in target.read_files(&pattern, MAX_STORE_BYTES).await.unwrap_or_default().files {
                seen.memory.kept.push(String::from_utf8_lossy(&file.bytes).into());
            }
        }
        self.notes().memory_seen |= !seen.memory.kept.is_empty() || !seen.memory.write_tools.is_empty();
    }

    /// Returns what the calls of a turn show of the memory.
    fn memory_in_calls(&self, calls: &[Arc<Call>]) -> MemorySeen {
        let mut seen = MemorySeen::default();
        for call in calls {
            for tool in call.content.prompt.iter().flat_map(Prompt::offers) {
                match self.world.role_of(&tool.name) {
                    Some(WRITE) => push_new(&mut seen.write_tools, &tool.name),
                    Some(READ) => push_new(&mut seen.read_tools, &tool.name),
                    _ => {}
                }
            }
            for result in call.content.prompt.iter().flat_map(|prompt| prompt.results_since_question()) {
                push_new(&mut seen.results, &result.text);
            }
            for tool in call.content.tool_calls() {
                match self.world.role_of(&tool.name) {
                    Some(WRITE) => seen.written.push(tool.arguments.to_string()),
                    Some(READ) => seen.reads += 1,
                    _ => {}
                }
            }
        }
        seen
    }

    /// Returns whether the files of the memory must be read. Reading a container's disk takes a while: it is
    /// done only if nothing else proves what the memory holds.
    fn must_read_memory_root(&self, seen: &TurnSeen) -> bool {
        if self.runtime.memory_root.is_empty() {
            return false;
        }
        match seen.turn.memory {
            Some(MemoryRule::Written) => seen.calls.is_empty(),
            Some(MemoryRule::Read) => !seen.turn.reply_contains.iter().all(|fact| seen.remembered(fact, "")),
            None => false,
        }
    }

    /// Returns the files that appeared during a turn and must not have.
    async fn new_files(&self, turn: &ScriptTurn, before: &FileList) -> FileList {
        let mut found = self.list_files(&turn.no_file).await?;
        let before = before.as_ref().map_err(String::clone)?;
        found.retain(|path| !before.contains(path));
        match before.first() {
            Some(path) if found.is_empty() => Err(format!("{path} was there before")),
            _ => Ok(found),
        }
    }

    /// Lists the files that match patterns; none if there are no patterns.
    async fn list_files(&self, patterns: &[String]) -> FileList {
        if patterns.is_empty() {
            return Ok(vec![]);
        }
        let found = self.runtime.target().await.read_files(patterns, MAX_STORE_BYTES).await;
        Ok(found.map_err(|error| error.to_string())?.files.into_iter().map(|file| file.path).collect())
    }
}

/// Returns whether the store holds what it must after a turn. If a turn does not know what it should, its own
/// words must be there too: the store may be behind the answer.
fn has_settled(store: &Store, seen: &TurnSeen) -> bool {
    let texts: Vec<&str> = seen.turn.session.iter().map(String::as_str).collect();
    let knows = seen.turn.reply_contains.iter().all(|fact| seen.reply.contains(fact));
    let behind = !knows && seen.error.is_none() && !store.holds_together(&[&seen.turn.say]);
    !behind && (texts.is_empty() || store.holds_together(&texts))
}

fn push_new(list: &mut Vec<String>, text: &str) {
    if !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(text: &str) -> Store {
        let json = format!(r#"{{"sessions":[{{"key":"a","turns":["{text}"]}}]}}"#);
        Store::from_bytes(json.into_bytes())
    }

    fn seen(reply: &str) -> TurnSeen {
        let turn = ScriptTurn {
            say: "Who am I?".into(),
            reply_contains: vec!["Zorvane".into()],
            ..ScriptTurn::default()
        };
        TurnSeen { skipped: None, reply: reply.into(), ..TurnSeen::skipped(1, turn, "") }
    }

    #[test]
    fn store_may_be_behind_an_answer_that_knows_nothing() {
        assert!(!has_settled(&store("Hello."), &seen("I do not know.")));
        assert!(has_settled(&store("Who am I?"), &seen("I do not know.")));
        assert!(has_settled(&store("Hello."), &seen("You are Zorvane.")));
    }

    #[test]
    fn expected_texts_must_be_in_the_store() {
        let mut turn = seen("You are Zorvane.");
        turn.turn.session = vec!["Hello.".into()];
        assert!(has_settled(&store("Hello."), &turn) && !has_settled(&store("Bye."), &turn));
    }
}
