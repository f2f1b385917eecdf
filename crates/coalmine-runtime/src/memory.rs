//! The memories of a workspace, which all its conversations share.
//!
//! They are on disk in `<root>/<workspace>/memories.jsonl`, one per line, with the newest last.

use std::{
    io::{ErrorKind, Result, Write as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::{
    fault::{Fault, Faults},
    file_stem::file_stem,
    text::{keywords, overlap},
};

/// The largest number of memories that are recalled at once.
const MAX_RECALLED: usize = 50;

#[derive(Debug)]
pub(crate) struct MemoryStore {
    path: Utf8PathBuf,
    faults: Faults,
    /// The memories, if a fault keeps them only here.
    in_process: Mutex<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    content: String,
}

impl MemoryStore {
    pub(crate) fn new(root: &Utf8Path, workspace: &str, faults: Faults) -> Self {
        Self {
            path: root.join(file_stem(workspace)).join("memories.jsonl"),
            faults,
            in_process: Mutex::default(),
        }
    }

    /// Stores a memory.
    pub(crate) async fn commit(&self, content: &str) -> Result<()> {
        let path = self.path.clone();
        let mut line = serde_json::to_string(&Line { content: content.to_owned() })?;
        line.push('\n');
        match self.faults.active() {
            Some(Fault::ToolMemoryNotWritten) => Ok(()),
            Some(Fault::ToolMemoryInProcess) => {
                self.in_process().push(content.to_owned());
                Ok(())
            }
            Some(Fault::ToolMemoryLastOnly) => spawn_blocking(move || replace(&path, &line)).await?,
            _ => spawn_blocking(move || append(&path, &line)).await?,
        }
    }

    /// Returns the memories that share a keyword with the query, or all if there are none, with the newest
    /// last.
    pub(crate) async fn recall(&self, query: &str) -> Result<Vec<String>> {
        let all = self.all().await?;
        let words = keywords(query);
        let matching: Vec<_> = all.iter().filter(|memory| overlap(&words, memory) > 0).cloned().collect();
        let mut found = if matching.is_empty() { all } else { matching };
        found.drain(..found.len().saturating_sub(MAX_RECALLED));
        Ok(found)
    }

    /// Returns all memories, with the newest last.
    pub(crate) async fn all(&self) -> Result<Vec<String>> {
        if self.faults.is(Fault::ToolMemoryInProcess) {
            return Ok(self.in_process().clone());
        }
        let path = self.path.clone();
        spawn_blocking(move || read(&path)).await?
    }

    fn in_process(&self) -> MutexGuard<'_, Vec<String>> {
        self.in_process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace(path: &Utf8Path, line: &str) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => append(path, line),
    }
}

fn append(path: &Utf8Path, line: &str) -> Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    // A single write in append mode keeps the lines of concurrent turns apart.
    fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes())
}

fn read(path: &Utf8Path) -> Result<Vec<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // A line that a crash cut short is skipped.
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        .map(|line| line.content)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(dir: &tempfile::TempDir, workspace: &str) -> MemoryStore {
        MemoryStore::new(Utf8Path::from_path(dir.path()).unwrap(), workspace, Faults::new(None))
    }

    #[tokio::test]
    async fn finds_memories_of_its_workspace_by_keywords() {
        let dir = tempfile::tempdir().unwrap();
        let memory = store(&dir, "one");
        memory.commit("the vault code is 4417").await.unwrap();
        memory.commit("the garden is green\nand wide").await.unwrap();
        let again = store(&dir, "one");
        assert_eq!(again.recall("What is the vault code?").await.unwrap(), ["the vault code is 4417"]);
        assert_eq!(again.recall("anything?").await.unwrap().len(), 2);
        assert!(store(&dir, "../one").recall("vault").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn recall_is_bounded_and_keeps_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let memory = store(&dir, "w");
        for n in 0..=MAX_RECALLED {
            memory.commit(&format!("number {n}")).await.unwrap();
        }
        let found = memory.recall("number").await.unwrap();
        assert_eq!((found.len(), found.last().unwrap().as_str()), (MAX_RECALLED, "number 50"));
    }

    #[tokio::test]
    async fn skips_a_line_that_was_cut_short() {
        let dir = tempfile::tempdir().unwrap();
        let memory = store(&dir, "w");
        memory.commit("whole").await.unwrap();
        append(&memory.path, "{\"content\":\"cut").unwrap();
        assert_eq!(memory.all().await.unwrap(), ["whole"]);
    }
}
