//! The calls of the journal that the events name.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader, Read},
};

use serde::Deserialize;
use serde_json::Value;

use super::folder::RunFolder;

/// The file that holds the calls.
pub(super) const JOURNAL_FILE: &str = "journal.ndjson";
/// The longest line that is taken in, in bytes.
const MAX_LINE: u64 = 1 << 20;
/// How much of the file is read, and how much of it is kept in memory, in bytes.
const MAX_READ: u64 = 512 << 20;
const MAX_KEPT: usize = 64 << 20;

/// The calls that are shown, by `seq`.
#[derive(Debug, Default)]
pub(super) struct Journal {
    calls: HashMap<u64, Call>,
}

/// A call, as far as it is shown. Everything may be missing, because a later version may write other lines.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Call {
    pub(super) status: u16,
    pub(super) dialect: Option<String>,
    pub(super) prompt: Option<Prompt>,
    pub(super) answer: Option<Answer>,
    pub(super) side_call: Option<String>,
    pub(super) peer: Option<Inquiry>,
    pub(super) note: Option<String>,
    /// Whether the line was too long to be taken in.
    #[serde(skip)]
    pub(super) too_long: bool,
}

/// What reached the model.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Prompt {
    pub(super) model: String,
    pub(super) messages: Vec<Message>,
    pub(super) tools: Vec<Tool>,
    pub(super) functions: Vec<Tool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tool {
    pub(super) name: String,
}

/// One message of a prompt.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) role: String,
    pub(super) text: String,
    pub(super) files: Vec<File>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) is_error: bool,
}

/// A file in a prompt.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub(super) name: Option<String>,
    pub(super) mime: Option<String>,
    pub(super) arrived: String,
    pub(super) bytes: u64,
    pub(super) text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall {
    pub(super) name: String,
    pub(super) arguments: Value,
}

/// What the model answered.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
}

/// What a peer was asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Inquiry {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) answer: Option<String>,
}

impl Journal {
    /// Reads the calls with these numbers. What cannot be read is left out.
    pub(super) fn read(folder: &RunFolder, wanted: &HashSet<u64>) -> Self {
        let mut journal = Self::default();
        let Ok(file) = folder.file(JOURNAL_FILE) else { return journal };
        let mut reader = BufReader::with_capacity(1 << 16, file.into_file().take(MAX_READ));
        let (mut line, mut kept) = (Vec::new(), 0);
        while journal.calls.len() < wanted.len() && kept < MAX_KEPT {
            line.clear();
            match reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(1..) => {}
                _ => break,
            }
            let is_whole = line.last() == Some(&b'\n');
            let seq = seq(&line).filter(|seq| wanted.contains(seq));
            if !is_whole && reader.skip_until(b'\n').is_err() {
                break;
            }
            let Some(seq) = seq else { continue };
            let call = if is_whole { serde_json::from_slice(&line).ok() } else { Some(Call::too_long()) };
            if let Some(call) = call {
                kept += line.len();
                journal.calls.insert(seq, call);
            }
        }
        journal
    }

    pub(super) fn call(&self, seq: u64) -> Option<&Call> {
        self.calls.get(&seq)
    }
}

impl Call {
    fn too_long() -> Self {
        Self { too_long: true, ..Self::default() }
    }
}

/// Returns the number of a line, which stands first in it.
fn seq(line: &[u8]) -> Option<u64> {
    let digits = line.strip_prefix(b"{\"seq\":")?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;

    use super::*;

    #[test]
    fn only_wanted_lines_are_taken_in() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let answer = |seq: u64, text: &str| format!("{{\"seq\":{seq},\"answer\":{{\"text\":\"{text}\"}}}}\n");
        let long = "x".repeat(3 << 20);
        let lines = [
            answer(0, "a"),
            answer(1, "b"),
            answer(2, &long),
            "no json\n".into(),
            answer(3, "d"),
            "{\"seq\":4,".into(),
        ];
        fs::write(root.join(JOURNAL_FILE), lines.concat()).unwrap();
        let journal = Journal::read(&RunFolder::open(root), &HashSet::from([1, 2, 3, 4, 9]));
        let text = |seq| journal.call(seq).and_then(|call| Some(call.answer.as_ref()?.text.as_str()));
        assert_eq!((text(0), text(1), text(3), text(4)), (None, Some("b"), Some("d"), None));
        assert!(journal.call(2).unwrap().too_long);
    }

    #[test]
    fn a_missing_journal_holds_nothing() {
        let journal = Journal::read(&RunFolder::open(Utf8Path::new("/nonexistent")), &HashSet::from([0]));
        assert!(journal.call(0).is_none());
    }
}
