//! Session stores in Redis: keys are read, and never written.
//!
//! Commands and replies are those of the `redis` crate; the connection is our own, because replies have to be bounded
//! while they are read: the runtime may have written anything.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use redis::{Parser, Value};

use super::store::{Record, Store, parse, plain};
use crate::plan::RedisStore;

/// The most keys that are read of a store.
const MAX_KEYS: usize = 5_000;
/// The most bytes of all replies.
const MAX_BYTES: u64 = 8 << 20;
/// The longest that all of it may take.
const WITHIN: Duration = Duration::from_secs(5);
/// The longest that connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Reads a store. Blocks for up to some seconds.
pub(super) fn read(at: &RedisStore) -> Store {
    match Connection::open(at).and_then(|connection| connection.records(at)) {
        Ok(records) => {
            let raw = records.iter().map(|record| format!("==> {} <==\n{}\n", record.key, record.text));
            let raw = raw.collect::<String>().into_bytes();
            Store::Read { by_session: at.keys.is_some(), records, raw, complete: true }
        }
        Err(error) => Store::Unreadable(format!("Redis at {}: {error}", at.address)),
    }
}

/// A connection whose replies are bounded in bytes and time.
struct Connection {
    replies: io::Take<Replies>,
    parser: Parser,
}

/// What a server sends until a point in time.
struct Replies {
    stream: TcpStream,
    until: Instant,
}

impl Read for Replies {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(late());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => late(),
            _ => error,
        })
    }
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("it did not answer within {} s", WITHIN.as_secs()))
}

impl Connection {
    fn open(at: &RedisStore) -> io::Result<Self> {
        let address = at.address.to_socket_addrs()?.next();
        let address = address.ok_or_else(|| io::Error::other("the host has no address"))?;
        let stream = TcpStream::connect_timeout(&address, CONNECT_WITHIN)?;
        stream.set_write_timeout(Some(CONNECT_WITHIN))?;
        let replies = Replies { stream, until: Instant::now() + WITHIN };
        let mut connection = Self { replies: replies.take(MAX_BYTES), parser: Parser::new() };
        match (&at.user, &at.password) {
            (Some(user), Some(password)) => connection.ask(&["AUTH", user, password])?,
            (None, Some(password)) => connection.ask(&["AUTH", password])?,
            _ => Value::Nil,
        };
        if at.database != 0 {
            connection.ask(&["SELECT", &at.database.to_string()])?;
        }
        Ok(connection)
    }

    fn ask(&mut self, words: &[impl AsRef<[u8]>]) -> io::Result<Value> {
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(word.as_ref());
        }
        self.replies.get_mut().stream.write_all(&command.get_packed_command())?;
        match self.parser.parse_value(&mut self.replies) {
            Ok(Value::ServerError(error)) => Err(io::Error::other(error.to_string())),
            Ok(value) => Ok(value),
            Err(_) if self.replies.limit() == 0 => {
                Err(io::Error::other(format!("it holds more than {} MiB", MAX_BYTES >> 20)))
            }
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }

    fn records(mut self, at: &RedisStore) -> io::Result<Vec<Record>> {
        let mut keys = self.keys(at.keys.as_deref().unwrap_or("*"))?;
        keys.sort();
        keys.dedup();
        let mut records = vec![];
        for key in keys {
            let value = self.value(&key)?;
            let name = String::from_utf8_lossy(&key).into_owned();
            let mut texts = vec![];
            collect(&value, &mut texts);
            records.push(Record { key: name, text: texts.join("\n") });
        }
        Ok(records)
    }

    fn keys(&mut self, pattern: &str) -> io::Result<Vec<Vec<u8>>> {
        let (mut keys, mut cursor) = (vec![], b"0".to_vec());
        loop {
            let scan: [&[u8]; 6] = [b"SCAN", &cursor, b"MATCH", pattern.as_bytes(), b"COUNT", b"1000"];
            let reply = self.ask(&scan)?;
            let Value::Array(parts) = reply else { return Err(unexpected("SCAN")) };
            let [Value::BulkString(next), Value::Array(found)] = parts.as_slice() else {
                return Err(unexpected("SCAN"));
            };
            keys.extend(found.iter().filter_map(|key| match key {
                Value::BulkString(key) => Some(key.clone()),
                _ => None,
            }));
            if keys.len() > MAX_KEYS {
                return Err(io::Error::other(format!(
                    "more than {MAX_KEYS} keys match; name fewer with `?keys=…`"
                )));
            }
            if next == b"0" {
                return Ok(keys);
            }
            cursor.clone_from(next);
        }
    }

    /// Reads the value of a key, by a command that only reads.
    fn value(&mut self, key: &[u8]) -> io::Result<Value> {
        let Value::SimpleString(kind) = self.ask(&[b"TYPE", key])? else { return Err(unexpected("TYPE")) };
        match kind.as_str() {
            "string" => self.ask(&[b"GET", key]),
            "hash" => self.ask(&[b"HGETALL", key]),
            "list" => self.ask(&[b"LRANGE" as &[u8], key, b"0", b"-1"]),
            "zset" => self.ask(&[b"ZRANGE" as &[u8], key, b"0", b"-1"]),
            "set" => self.ask(&[b"SMEMBERS", key]),
            "stream" => self.ask(&[b"XRANGE" as &[u8], key, b"-", b"+"]),
            "ReJSON-RL" => self.ask(&[b"JSON.GET", key]),
            // gone since, or of a module that is not known
            _ => Ok(Value::Nil),
        }
    }
}

fn unexpected(command: &str) -> io::Error {
    io::Error::other(format!("unexpected reply to `{command}`"))
}

/// Collects the texts in a value. JSON becomes its strings, so that texts are found however they were escaped.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::BulkString(bytes) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let is_json = text.trim_start().starts_with(['{', '[', '"']);
            let json = is_json.then(|| parse(bytes)).flatten();
            texts.push(json.map_or(text, |json| plain(&json)));
        }
        Value::SimpleString(text) => texts.push(text.clone()),
        Value::Int(number) => texts.push(number.to_string()),
        Value::Array(values) | Value::Set(values) => {
            values.iter().for_each(|value| collect(value, texts));
        }
        Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            collect(key, texts);
            collect(value, texts);
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::TcpListener,
        process::{Child, Command, Stdio},
    };

    use super::*;

    /// A Redis server of a test, which ends with it.
    struct Server {
        child: Child,
        port: u16,
        _folder: tempfile::TempDir,
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    impl Server {
        /// Starts a server with a password; `None`, with a loud note, if there is none on this machine.
        fn start() -> Option<Self> {
            let folder = tempfile::tempdir().unwrap();
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut server = Command::new("redis-server");
            server.args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ]);
            server.args(["--requirepass", "the password"]).current_dir(folder.path());
            let Ok(child) = server.stdout(Stdio::null()).spawn() else {
                eprintln!("SKIPPED: redis-server is not installed");
                return None;
            };
            let server = Self { child, port, _folder: folder };
            let until = Instant::now() + Duration::from_secs(20);
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(Instant::now() < until, "redis-server does not listen");
                std::thread::yield_now();
            }
            Some(server)
        }

        fn at(&self, rest: &str) -> RedisStore {
            let url = format!("redis://:the%20password@127.0.0.1:{}/{rest}", self.port);
            RedisStore::parse(&url).unwrap()
        }

        fn fill(&self, commands: &[&[&str]]) {
            let mut connection = Connection::open(&self.at("")).unwrap();
            for words in commands {
                connection.ask(words).unwrap();
            }
        }
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let Some(server) = Server::start() else { return };
        server.fill(&[
            &["SET", "session:a", r#"{"messages": ["\u006fne"]}"#],
            &["RPUSH", "session:b", "two", "three"],
            &["HSET", "session:c", "text", "four"],
            &["XADD", "session:d", "*", "text", "five"],
            &["ZADD", "session:e", "1", "six"],
            &["SADD", "session:f", "seven"],
            &["SET", "other", "eight"],
        ]);
        let store = read(&server.at("0?keys=session:*"));
        assert!(store.distinguishes_sessions(), "{store:?}");
        for (text, key) in [
            ("one", "a"),
            ("two", "b"),
            ("three", "b"),
            ("four", "c"),
            ("five", "d"),
            ("six", "e"),
            ("seven", "f"),
        ] {
            assert!(store.holds_under(text, &format!("session:{key}")), "{text}: {store:?}");
        }
        assert_eq!(store.holding("eight").map(|found| found.len()), Some(0));
        let all = read(&server.at(""));
        assert!(!all.distinguishes_sessions() && all.holding("eight").is_some_and(|found| found.len() == 1));
        assert!(read(&server.at("1")).holding("one").is_some_and(|found| found.is_empty()));
    }

    #[test]
    fn large_stores_are_given_up() {
        let Some(server) = Server::start() else { return };
        let big = "x".repeat(9 << 20);
        server.fill(&[&["SET", "big", &big]]);
        let store = read(&server.at(""));
        assert!(
            matches!(&store, Store::Unreadable(reason) if reason.contains("more than 8 MiB")),
            "{store:?}"
        );
        server.fill(&[
            &["DEL", "big"],
            &["EVAL", "for i = 1, 6000 do redis.call('SET', 'k' .. i, i) end", "0"],
        ]);
        let store = read(&server.at(""));
        assert!(
            matches!(&store, Store::Unreadable(reason) if reason.contains("more than 5000 keys")),
            "{store:?}"
        );
    }

    #[test]
    fn wrong_password_is_an_error_without_it() {
        let Some(server) = Server::start() else { return };
        let wrong = RedisStore { password: Some("hidden".into()), ..server.at("") };
        let Store::Unreadable(reason) = read(&wrong) else { panic!("it was read") };
        assert!(reason.contains("WRONGPASS") && !reason.contains("hidden"), "{reason}");
    }

    #[test]
    fn hostile_servers_are_bounded() {
        let answers: [&[u8]; 3] = [b"*1000000000\r\n:1\r\n", b"$1000000000\r\nx", b"\0\xff garbage"];
        for answer in answers {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let at = RedisStore::parse(&format!("redis://{}/", listener.local_addr().unwrap())).unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut heard = [0; 64];
                let _ = stream.read(&mut heard);
                let _ = stream.write_all(answer);
                let endless = vec![b'1'; 1 << 16];
                while stream.write_all(&endless).is_ok() {}
            });
            assert!(matches!(read(&at), Store::Unreadable(_)));
            server.join().unwrap();
        }
    }
}
