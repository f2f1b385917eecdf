//! The runtime's session store, as far as it can be read: text in records, one for each session.

use serde_json::Value;

use crate::deploy::StoreFile;

/// The keys under which stores hold their sessions.
const SESSION_LISTS: [&str; 5] = ["sessions", "threads", "contexts", "conversations", "transcripts"];

/// The keys under which a message names its session.
const SESSION_IDS: [&str; 8] = [
    "session_id",
    "sessionId",
    "context_id",
    "contextId",
    "thread_id",
    "threadId",
    "conversation_id",
    "conversationId",
];

/// The keys under which a session holds its messages.
const MESSAGE_LISTS: [&str; 5] = ["messages", "turns", "history", "events", "items"];

/// What the session store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// It was read.
    Read {
        /// Its sessions, or pieces of them.
        records: Vec<Record>,
        /// Whether each record is one session. If not, sessions cannot be distinguished.
        by_session: bool,
        /// Whether all of it was read. If not, nothing follows from what is absent.
        complete: bool,
        /// The bytes as they were read, until they are written as evidence.
        raw: Vec<u8>,
    },
    /// It cannot be read, for this reason.
    Unreadable(String),
}

/// One session of the store, or one piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name in the store.
    pub key: String,
    /// Everything in it as text.
    pub text: String,
}

impl Store {
    /// Reads the output of an HTTP endpoint or a command.
    pub fn from_bytes(raw: Vec<u8>) -> Self {
        let (records, by_session) = records("store", &raw);
        Self::Read { records, by_session, complete: true, raw }
    }

    /// Reads files. A text file holds one session or a list of them; in other files, sessions cannot be distinguished.
    pub fn from_files(files: Vec<StoreFile>, complete: bool) -> Self {
        if files.is_empty() {
            return Self::Unreadable("no file matches the patterns of `[state] files`".into());
        }
        let mut raw = vec![];
        let (mut all, mut by_session) = (vec![], true);
        for file in files {
            let (records, listed) = records(&file.path, &file.bytes);
            by_session &= listed || !file.bytes.contains(&0);
            all.extend(records);
            raw.extend_from_slice(format!("==> {} <==\n", file.path).as_bytes());
            raw.extend_from_slice(&file.bytes);
            raw.push(b'\n');
        }
        Self::Read { records: all, by_session, complete, raw }
    }

    /// Takes out the bytes as they were read; `None` if the store cannot be read.
    pub(super) fn take_raw(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Read { raw, .. } => Some(std::mem::take(raw)),
            Self::Unreadable(_) => None,
        }
    }

    /// Returns the records that hold a text; `None` if the store cannot be read.
    pub fn holding(&self, text: &str) -> Option<Vec<&Record>> {
        match self {
            Self::Read { records, .. } => {
                Some(records.iter().filter(|record| record.text.contains(text)).collect())
            }
            Self::Unreadable(_) => None,
        }
    }

    /// Returns whether sessions can be distinguished.
    pub fn distinguishes_sessions(&self) -> bool {
        matches!(self, Self::Read { by_session: true, .. })
    }

    /// Returns whether all of it was read, so that what is absent there is nowhere in it.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Read { complete: true, .. })
    }

    /// Returns whether a session holds a text and has a word in its name.
    pub fn holds_under(&self, text: &str, word: &str) -> bool {
        let named = |records: Vec<&Record>| records.iter().any(|record| record.key.contains(word));
        !text.is_empty() && self.distinguishes_sessions() && self.holding(text).is_some_and(named)
    }

    /// Returns whether one record holds all of the texts.
    pub fn holds_together(&self, texts: &[&str]) -> bool {
        match self {
            Self::Read { records, .. } => {
                records.iter().any(|record| texts.iter().all(|text| record.text.contains(text)))
            }
            Self::Unreadable(_) => false,
        }
    }
}

/// Parses JSON within limits: a small text can hold millions of values, each many times its length in memory.
pub(super) fn parse(raw: &[u8]) -> Option<Value> {
    coalmine_a2a::scan(raw, coalmine_a2a::Limits::default()).ok()?;
    serde_json::from_slice(raw).ok()
}

fn records(key: &str, raw: &[u8]) -> (Vec<Record>, bool) {
    let json = parse(raw);
    if let Some(records) = json.as_ref().and_then(list) {
        return (records, true);
    }
    let text = json.map_or_else(|| String::from_utf8_lossy(raw).into_owned(), |json| plain(&json));
    (vec![Record { key: key.to_owned(), text }], false)
}

/// Returns the sessions of a JSON value, if it is a list or a map of them, or has one below one of the usual keys.
fn list(json: &Value) -> Option<Vec<Record>> {
    let named = SESSION_LISTS
        .iter()
        .find_map(|key| json.get(key))
        .filter(|inner| inner.is_array() || inner.is_object());
    let is_session = || MESSAGE_LISTS.iter().any(|key| json.get(key).is_some_and(Value::is_array));
    match named.unwrap_or(json) {
        Value::Array(items) if !items.is_empty() && items.iter().all(is_message) => by_session_id(items),
        Value::Object(_) if named.is_none() && is_session() => None,
        // items without a name may be the steps of one session
        Value::Array(items) if named.is_none() && items.iter().any(|item| id(item).is_none()) => None,
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            let record = |(at, item)| Record {
                key: id(item).map_or_else(|| format!("#{at}"), str::to_owned),
                text: plain(item),
            };
            Some(numbered.map(record).collect())
        }
        Value::Object(items) if named.is_some() || items.values().all(|v| v.is_object() || v.is_array()) => {
            Some(
                items
                    .iter()
                    .map(|(key, item)| Record { key: key.clone(), text: format!("{key}\n{}", plain(item)) })
                    .collect(),
            )
        }
        _ => None,
    }
}

/// Returns the name that an item of a list has.
fn id(item: &Value) -> Option<&str> {
    ["key", "id"].iter().chain(&SESSION_IDS).find_map(|name| item.get(name)?.as_str())
}

/// Returns whether a value is one message, of any role.
fn is_message(value: &Value) -> bool {
    let speaks = |key: &str| value.get(key).is_some_and(Value::is_string);
    let kind = value.get("type").and_then(Value::as_str);
    ["role", "sender", "author", "speaker"].iter().any(|key| speaks(key))
        || kind.is_some_and(|kind| ["human", "ai", "user", "assistant", "system", "tool"].contains(&kind))
}

/// Groups messages by the id of their session; `None` if a message does not name its session.
fn by_session_id(messages: &[Value]) -> Option<Vec<Record>> {
    let mut records: Vec<Record> = vec![];
    for message in messages {
        let key = SESSION_IDS.iter().find_map(|name| message.get(name)?.as_str())?;
        let text = plain(message);
        match records.iter_mut().find(|record| record.key == key) {
            Some(record) => record.text.push_str(&text),
            None => records.push(Record { key: key.to_owned(), text }),
        }
    }
    Some(records)
}

/// Returns all strings of a value, one per line, so that texts are found however they were escaped.
pub(super) fn plain(value: &Value) -> String {
    let mut text = String::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(string) => {
                text.push_str(string);
                text.push('\n');
            }
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(items) => open.extend(items.values().rev()),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_in_a_file_are_grouped_by_session_id() {
        let file = |json: &str| StoreFile { path: "sessions/a.json".into(), bytes: json.as_bytes().to_vec() };
        let one = r#"{"role": "user", "id": "1", "content": "one"}"#;
        let two = r#"{"role": "agent", "id": "2", "parts": [{"text": "\u0074wo"}]}"#;
        for json in [format!("[{one}, {two}]"), format!(r#"{{"messages": [{one}, {two}], "meta": {{}}}}"#)] {
            let store = Store::from_files(vec![file(&json)], true);
            assert!(store.distinguishes_sessions() && store.holds_together(&["one", "two"]), "{json}");
            assert_eq!(store.holding("one").unwrap()[0].key, "sessions/a.json");
            assert!(!Store::from_bytes(json.clone().into_bytes()).distinguishes_sessions(), "{json}");
        }
        let of =
            |id: &str, text: &str| format!(r#"{{"role": "user", "thread_id": "{id}", "content": "{text}"}}"#);
        let json = format!("[{}, {}, {}]", of("a", "one"), of("b", "two"), of("a", "three"));
        let store = Store::from_bytes(json.into_bytes());
        assert!(store.holds_together(&["one", "three"]) && !store.holds_together(&["one", "two"]));
    }

    #[test]
    fn items_without_a_name_are_one_session() {
        let json = r#"[{"task": "one"}, {"said": "x", "seen": "two"}, ["three"]]"#;
        let file = StoreFile { path: "sessions/a.json".into(), bytes: json.into() };
        let store = Store::from_files(vec![file], true);
        assert!(store.distinguishes_sessions() && store.holds_together(&["one", "two", "three"]));
        assert_eq!(store.holding("two").unwrap()[0].key, "sessions/a.json");
        assert!(!Store::from_bytes(json.into()).distinguishes_sessions());
        let named = Store::from_bytes(br#"{"sessions": [["one"], ["two"]]}"#.to_vec());
        assert!(named.distinguishes_sessions() && !named.holds_together(&["one", "two"]));
    }

    #[test]
    fn a_session_is_held_under_its_name() {
        let store = Store::from_bytes(
            br#"{"sessions":[{"key":"ws-1","turns":["one"]},{"key":"b","turns":["two"]}]}"#.to_vec(),
        );
        assert_eq!(["one", "two", ""].map(|text| store.holds_under(text, "ws-1")), [true, false, false]);
    }

    #[test]
    fn usual_forms_distinguish_sessions() {
        for raw in [
            r#"{"sessions":[{"key":"a","turns":["one"]},{"key":"b","turns":["two"]}]}"#,
            r#"{"sessions":{"a":{"turns":["one"]},"b":{"turns":["two"]}}}"#,
            r#"[{"id":"a","x":"one"},{"id":"b","x":"two"}]"#,
            r#"{"a":["one"],"b":["two"]}"#,
        ] {
            let store = Store::from_bytes(raw.into());
            assert!(store.distinguishes_sessions(), "{raw}");
            assert_eq!(store.holding("one").unwrap()[0].key, "a", "{raw}");
            assert!(!store.holds_together(&["one", "two"]), "{raw}");
        }
    }

    #[test]
    fn unknown_forms_do_not_distinguish_sessions() {
        let store = Store::from_bytes(br#"{"count":2,"data":{"a":["one"],"b":["two"]}}"#.to_vec());
        assert!(!store.distinguishes_sessions());
        let database = StoreFile { path: "/s.db".into(), bytes: b"SQLite format 3\0one".to_vec() };
        let store = Store::from_files(vec![database], true);
        assert!(!store.distinguishes_sessions());
        assert_eq!(store.holding("one").unwrap().len(), 1);
    }

    #[test]
    fn a_file_per_session_distinguishes_them() {
        let file = |path: &str, text: &str| StoreFile { path: path.into(), bytes: text.into() };
        let store =
            Store::from_files(vec![file("/a.jsonl", "{\"x\":\"one\"}\n"), file("/b.jsonl", "two")], true);
        assert!(store.distinguishes_sessions() && !store.holds_together(&["one", "two"]));
    }
}
