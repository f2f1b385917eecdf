//! Session stores in SQLite: a copy of the database is read, and its rows are grouped into sessions.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use camino::Utf8Path;
use rusqlite::{Connection, Row, config::DbConfig, limits::Limit, types::ValueRef};

use super::store::{Record, Store, parse, plain};
use crate::deploy::{StoreFile, create_scratch};

/// The most rows that are read of a store.
const MAX_ROWS: usize = 50_000;
/// The most bytes of text that are read of a store.
const MAX_TEXT: usize = 32 << 20;
/// The longest value, row or statement of a store, in bytes.
const MAX_VALUE: i32 = 16 << 20;
/// The most memory that SQLite may use, in bytes.
const MAX_HEAP: i64 = 128 << 20;
/// The longest that the databases of a store may take to read.
const WITHIN: Duration = Duration::from_secs(5);
/// How many steps SQLite takes before it looks at the clock. A single step can handle megabytes.
const STEPS: std::ffi::c_int = 100;
/// The end of the name of a write-ahead log, which belongs to a database.
pub(super) const WAL: &str = "-wal";

/// Columns that name a row's session, in order of preference, in lower case and without underscores.
const SESSION_COLUMNS: [&str; 4] = ["sessionid", "contextid", "threadid", "conversationid"];
/// Columns that name a session if each row is one.
const ROW_COLUMNS: [&str; 2] = ["key", "id"];
/// Columns by which a row is recognized as a single message.
const MESSAGE_COLUMNS: [&str; 5] = ["role", "sender", "author", "speaker", "messageid"];
/// Columns that hold what was said.
const CONTENT_COLUMNS: [&str; 6] = ["content", "message", "messages", "text", "body", "data"];

/// Reads the databases among these files, each with its write-ahead log. Copies are made in the folder of the ledger, where
/// they are removed even if this process is killed.
pub(crate) fn read(files: &[StoreFile], ledger: &Utf8Path) -> Store {
    let (logs, databases): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.path.ends_with(WAL));
    if databases.is_empty() {
        return Store::Unreadable("no file matches the patterns of `[state] sqlite`".into());
    }
    let mut rows = Rows::new(Instant::now() + WITHIN);
    for database in databases {
        let log = logs.iter().find(|log| log.path.strip_suffix(WAL) == Some(&database.path));
        if let Err(reason) = rows.add(&database.bytes, log.map(|log| log.bytes.as_slice()), ledger) {
            return Store::Unreadable(format!("`{}`: {reason}", database.path));
        }
    }
    rows.into_store()
}

/// What was read so far.
#[derive(Debug)]
struct Rows {
    until: Instant,
    records: Vec<Record>,
    /// The places of the records, by key.
    places: HashMap<String, usize>,
    count: usize,
    bytes: usize,
    /// Whether a table names the sessions of its rows.
    keyed: bool,
    /// Whether a table holds messages whose sessions it does not name.
    mixed: bool,
    /// Whether all rows were read.
    complete: bool,
}

impl Rows {
    fn new(until: Instant) -> Self {
        let (records, places) = (vec![], HashMap::new());
        Self { until, records, places, count: 0, bytes: 0, keyed: false, mixed: false, complete: true }
    }

    /// Adds all rows of a database. It is opened as a copy, so that nothing disturbs the runtime, and with bounds, because
    /// the runtime wrote it.
    fn add(&mut self, database: &[u8], log: Option<&[u8]>, ledger: &Utf8Path) -> Result<(), String> {
        let folder = create_scratch(ledger).map_err(|error| error.to_string())?;
        let path = folder.path().join("store.db");
        std::fs::write(&path, database).map_err(|error| error.to_string())?;
        if let Some(log) = log {
            let name = format!("store.db{WAL}");
            std::fs::write(folder.path().join(name), log).map_err(|error| error.to_string())?;
        }
        let connection = open(&path, self.until).map_err(|error| error.to_string())?;
        for table in tables(&connection).map_err(|error| error.to_string())? {
            self.add_table(&connection, &table)?;
        }
        Ok(())
    }

    /// Adds the rows of a table, those that were added last first, because a large store holds many old states of each session.
    fn add_table(&mut self, connection: &Connection, table: &str) -> Result<(), String> {
        let quoted = table.replace('"', "\"\"");
        let all = format!("SELECT * FROM \"{quoted}\"");
        // some tables have no such number
        let newest_first = connection.prepare(&format!("{all} ORDER BY rowid DESC"));
        let statement = newest_first.or_else(|_| connection.prepare(&all));
        let mut statement = statement.map_err(|error| error.to_string())?;
        let names = columns(connection, table).map_err(|error| error.to_string())?;
        let count = statement.column_count();
        let keys = key_columns(&names);
        let is_content = |name: &String| CONTENT_COLUMNS.contains(&name.as_str());
        self.keyed |= !keys.is_empty();
        self.mixed |= keys.is_empty() && names.iter().any(is_content);
        let mut read = vec![];
        let mut rows = statement.query([]).map_err(|error| error.to_string())?;
        while let Some(row) = rows.next().map_err(|error| error.to_string())? {
            self.count += 1;
            let (name, text) = self.read_row(row, count, &keys);
            if Instant::now() > self.until {
                return Err(format!("it could not be read within {} s", WITHIN.as_secs()));
            }
            if self.count > MAX_ROWS || self.bytes > MAX_TEXT {
                self.complete = false;
                break;
            }
            read.push((name.unwrap_or_else(|| table.to_owned()), text));
        }
        while let Some((key, text)) = read.pop() {
            self.add_row(key, text);
        }
        Ok(())
    }

    /// Returns the session that a row names, if it names one, and its values as text, as far as they are within the bounds.
    fn read_row(&mut self, row: &Row<'_>, count: usize, keys: &[usize]) -> (Option<String>, String) {
        let (mut names, mut all) = (vec![None; keys.len()], String::new());
        for at in 0..count {
            let value = row.get_ref(at).map(text).unwrap_or_default();
            self.bytes += value.len() + 1;
            if self.bytes > MAX_TEXT {
                break;
            }
            if let Some(place) = keys.iter().position(|key| *key == at).filter(|_| !value.is_empty()) {
                names[place] = Some(value.clone());
            }
            // a value may be large: the first one is moved, not copied
            if all.is_empty() {
                all = value;
            } else {
                all.push('\n');
                all.push_str(&value);
            }
        }
        (names.into_iter().flatten().next(), all)
    }

    fn add_row(&mut self, key: String, text: String) {
        let place = *self.places.entry(key).or_insert_with_key(|key| {
            self.records.push(Record { key: key.clone(), text: String::new() });
            self.records.len() - 1
        });
        if let Some(record) = self.records.get_mut(place) {
            if record.text.is_empty() {
                record.text = text;
            } else {
                record.text.push_str(&text);
            }
            record.text.push('\n');
        }
    }

    fn into_store(self) -> Store {
        let raw = self.records.iter().map(|record| format!("==> {} <==\n{}", record.key, record.text));
        let raw = raw.collect::<String>().into_bytes();
        let by_session = self.keyed && !self.mixed;
        Store::Read { by_session, records: self.records, raw, complete: self.complete }
    }
}

/// Opens a database that somebody else made: what its schema contains is not trusted, and memory and time are bounded.
fn open(path: &std::path::Path, until: Instant) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    for limit in [Limit::SQLITE_LIMIT_LENGTH, Limit::SQLITE_LIMIT_SQL_LENGTH] {
        connection.set_limit(limit, MAX_VALUE)?;
    }
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.pragma_update_and_check(None, "hard_heap_limit", MAX_HEAP, |_| Ok(()))?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.progress_handler(STEPS, Some(move || Instant::now() >= until))?;
    Ok(connection)
}

/// Returns the names of the tables that hold rows of their own. What an index for searching is made of (virtual tables, and
/// the shadow tables behind them) repeats the rows of others.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Returns the names of the columns that `SELECT *` returns, in lower case and without underscores. They need
/// not be UTF-8, which the names of a statement must be.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden <> 1")?;
    let name = |row: &Row<'_>| Ok(text(row.get_ref(0)?).to_ascii_lowercase().replace('_', ""));
    statement.query_map([table], name)?.collect()
}

/// Returns the indexes of the columns that may name the session of a row, in order of preference.
fn key_columns(names: &[String]) -> Vec<usize> {
    let at = |column: &&str| names.iter().position(|name| name == column);
    let is_message = MESSAGE_COLUMNS.iter().any(|column| at(column).is_some());
    let of_row = ROW_COLUMNS.iter().filter_map(at).filter(|_| !is_message);
    SESSION_COLUMNS.iter().filter_map(at).chain(of_row).collect()
}

/// Returns a value as text. JSON becomes its strings, so that texts are found however they were escaped.
fn text(value: ValueRef<'_>) -> String {
    let text = match value {
        ValueRef::Null => return String::new(),
        ValueRef::Integer(number) => return number.to_string(),
        ValueRef::Real(number) => return number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    };
    let is_json = text.trim_start().starts_with(['{', '[', '"']);
    is_json.then(|| parse(text.as_bytes())).flatten().map_or(text, |json| plain(&json))
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::*;
    use crate::deploy::HostEnvironment;

    fn read(files: &[StoreFile]) -> Store {
        super::read(files, &HostEnvironment::default().ledger_folder())
    }

    /// Keeps tests apart that use much memory, because SQLite bounds the memory of the whole process.
    fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the files of a database that is still open, so that its log is not merged yet.
    fn files(sql: &str, wal: bool) -> Vec<StoreFile> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let connection = Connection::open(&path).unwrap();
        if wal {
            connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
        }
        connection.execute_batch(sql).unwrap();
        let read = |name: &str| {
            let bytes = std::fs::read(folder.path().join(name)).ok()?;
            Some(StoreFile { path: format!("/state/{name}"), bytes })
        };
        let files: Vec<_> = ["s.db", "s.db-wal"].into_iter().filter_map(read).collect();
        assert_eq!(files.len(), if wal { 2 } else { 1 });
        files
    }

    const MESSAGES: &str = "CREATE TABLE sessions (id TEXT, title TEXT);
        CREATE TABLE messages (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT);
        INSERT INTO sessions VALUES ('a', 'first'), ('b', 'second');
        INSERT INTO messages (session_id, role, content) VALUES
          ('a', 'user', 'one'), ('b', 'user', 'two'), ('a', 'agent', '{\"text\": \"\\u0074hree\"}');";

    #[test]
    fn rows_are_grouped_by_session() {
        let _alone = alone();
        for wal in [false, true] {
            let store = read(&files(MESSAGES, wal));
            assert!(store.distinguishes_sessions(), "{store:?}");
            assert!(store.holds_together(&["first", "one", "three"]), "{store:?}");
            assert!(!store.holds_together(&["one", "two"]));
            assert!(store.holds_under("two", "b"));
        }
    }

    #[test]
    fn blobs_and_keys_are_read() {
        let _alone = alone();
        let sql = "CREATE TABLE kv (key TEXT, value BLOB);
                   INSERT INTO kv VALUES ('a', X'81A46E616D65A3416461'), ('b', X'00');";
        let store = read(&files(sql, false));
        assert!(store.distinguishes_sessions() && store.holds_under("Ada", "a"));
    }

    #[test]
    fn messages_without_a_session_are_not_separated() {
        let _alone = alone();
        let sql = "CREATE TABLE log (id INTEGER, role TEXT, content TEXT); INSERT INTO log VALUES (1, 'user', 'one');";
        let store = read(&files(sql, false));
        assert!(
            !store.distinguishes_sessions() && store.holding("one").is_some_and(|found| found.len() == 1)
        );
        let version =
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('1');";
        assert!(read(&files(&format!("{MESSAGES}{version}"), false)).distinguishes_sessions());
    }

    #[test]
    fn hostile_databases_are_bounded() {
        let _alone = alone();
        let row = "CREATE TABLE t (id TEXT); INSERT INTO t VALUES ('a');";
        // a column that is computed when it is read
        let column =
            |at: usize, sql: &str| format!("ALTER TABLE t ADD COLUMN c{at} GENERATED ALWAYS AS ({sql});");
        let wide = (0..50).map(|at| column(at, "printf('%.*c', 900000, 'x')"));
        let store = read(&files(&(row.to_owned() + &wide.collect::<String>()), false));
        assert!(!store.is_complete() && store.distinguishes_sessions(), "it has more than 32 MiB of text");
        let store = read(&files(&(row.to_owned() + &column(0, "zeroblob(900000000)")), false));
        assert!(matches!(&store, Store::Unreadable(reason) if reason.contains("too big")), "{store:?}");
        let nested = format!("CREATE TABLE t (id TEXT); INSERT INTO t VALUES ('{}')", "[".repeat(100_000));
        assert!(read(&files(&nested, false)).distinguishes_sessions());
    }

    #[test]
    fn slow_database_is_given_up() {
        let _alone = alone();
        let mut rows = Rows::new(Instant::now() + Duration::from_millis(50));
        let sql = "CREATE TABLE t (id TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
              INSERT INTO t SELECT 'a' FROM n;
            ALTER TABLE t ADD COLUMN c GENERATED ALWAYS AS (
              length(replace(printf('%.*c', 200000 + length(id), 'x'), 'x', 'yyyyyyyy')));";
        let began = Instant::now();
        let reason = rows
            .add(&files(sql, false)[0].bytes, None, &HostEnvironment::default().ledger_folder())
            .unwrap_err();
        assert!(reason.contains("interrupted") || reason.contains("could not be read within"), "{reason}");
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn broken_and_missing_databases_are_unreadable() {
        let _alone = alone();
        assert!(matches!(read(&[]), Store::Unreadable(reason) if reason.contains("no file matches")));
        let broken = StoreFile { path: "/s.db".into(), bytes: b"SQLite format 3\0 and nothing".to_vec() };
        assert!(matches!(read(&[broken]), Store::Unreadable(reason) if reason.starts_with("`/s.db`: ")));
    }

    #[test]
    fn newest_rows_of_a_large_store_are_read() {
        let _alone = alone();
        let rows = "CREATE TABLE kv (key TEXT, value TEXT); INSERT INTO kv VALUES ('a', 'oldest'); \
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50001) \
                    INSERT INTO kv SELECT 'a', 'x' FROM n; INSERT INTO kv VALUES ('a', 'newest');";
        let store = read(&files(rows, false));
        assert!(store.holds_under("newest", "a") && !store.holds_under("oldest", "a"));
        assert!(!store.is_complete());
    }

    #[test]
    fn indexes_and_empty_names_do_not_mix_sessions() {
        let _alone = alone();
        let sql = "CREATE TABLE messages (session_id TEXT, role TEXT, content TEXT);
            CREATE VIRTUAL TABLE messages_fts USING fts5(content);
            CREATE TABLE sessions (id TEXT PRIMARY KEY, thread_id TEXT, title TEXT) WITHOUT ROWID;
            INSERT INTO messages VALUES ('a', 'user', 'one'), ('b', 'user', 'two');
            INSERT INTO messages_fts VALUES ('one'), ('two');
            INSERT INTO sessions VALUES ('a', NULL, 'first'), ('b', '', 'second');";
        let store = read(&files(sql, false));
        assert!(store.distinguishes_sessions() && store.holds_together(&["one", "first"]), "{store:?}");
        let Store::Read { records, .. } = store else { panic!("it is unreadable") };
        let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(keys.len(), 2, "{keys:?}");
    }

    #[test]
    fn names_of_columns_need_not_be_utf_8() {
        let _alone = alone();
        let sql = "CREATE TABLE t (session_id TEXT, x TEXT); INSERT INTO t VALUES ('a', 'one'); \
                   PRAGMA writable_schema = ON; \
                   UPDATE sqlite_schema SET sql = 'CREATE TABLE t (session_id TEXT, \"' || CAST(X'FF' AS TEXT) || '\")';";
        assert!(read(&files(sql, false)).holds_under("one", "a"));
    }

    #[test]
    fn computed_columns_are_bounded() {
        let _alone = alone();
        let column = |at| format!(", c{at} AS (hex(zeroblob(7000000)))");
        let columns: String = (0..200).map(column).collect();
        // with the columns in place, the insertion would compute them
        let sql = format!(
            "CREATE TABLE t (id TEXT); INSERT INTO t VALUES ('a'); PRAGMA writable_schema = ON; \
             UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id TEXT{columns})';"
        );
        let store = read(&files(&sql, false));
        assert!(matches!(&store, Store::Unreadable(reason) if reason.contains("memory")), "{store:?}");
    }
}
