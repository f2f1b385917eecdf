//! The address of a session store in Redis.

use url::Url;

use super::{Profile, auth};
use crate::plan::problem::Problem;

/// Where a session store in Redis is.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisStore {
    /// Host and port.
    pub address: String,
    /// The number of the database.
    pub database: u32,
    /// The user, if one is named.
    pub user: Option<String>,
    /// The password, if one is needed.
    pub password: Option<String>,
    /// The pattern of the keys, if there is one: then each key is a session.
    pub keys: Option<String>,
}

/// Shows no password.
impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore").field("address", &self.address).finish_non_exhaustive()
    }
}

const EXPECTED: &str = "expected `redis://HOST:PORT/DATABASE?keys=PATTERN`";

impl RedisStore {
    /// Parses a URL.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{error}: {EXPECTED}"))?;
        let host = url.host_str().filter(|host| url.scheme() == "redis" && !host.is_empty());
        let host = host.ok_or_else(|| EXPECTED.to_owned())?;
        let database = match url.path().trim_matches('/') {
            "" => 0,
            number => number.parse().map_err(|_| format!("no number of a database: {EXPECTED}"))?,
        };
        let mut keys = None;
        for (name, value) in url.query_pairs() {
            if name != "keys" || value.is_empty() {
                return Err(format!("unknown parameter `{name}`: {EXPECTED}"));
            }
            keys = Some(value.into_owned());
        }
        let decoded = |text: &str| {
            let form = format!("x={}", text.replace('+', "%2B"));
            url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned())
        };
        Ok(Self {
            address: format!("{host}:{}", url.port().unwrap_or(6379)),
            database,
            user: Some(url.username()).filter(|user| !user.is_empty()).and_then(decoded),
            password: url.password().and_then(decoded),
            keys,
        })
    }
}

impl Profile {
    /// Returns where the session store in Redis is, with the variables of the environment filled in.
    ///
    /// # Errors
    /// Returns the name of the first variable that is not set.
    pub fn redis_from_environment(
        &mut self,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), String> {
        let encoded = |name: &str| {
            let value: String = url::form_urlencoded::byte_serialize(variable(name)?.as_bytes()).collect();
            Some(value.replace('+', "%20"))
        };
        if let Some(redis) = &mut self.state.redis {
            *redis = auth::filled(redis, &encoded)?;
        }
        Ok(())
    }

    /// Checks the address of the session store, and that no secret stands in it.
    pub(super) fn check_redis(&self) -> Result<(), Problem> {
        let Some(text) = &self.state.redis else { return Ok(()) };
        let at = |message: String| Problem::at("state/redis", message);
        let stands_for_itself = |name: &str| Some(name.to_owned());
        let filled = auth::filled(text, &stands_for_itself).unwrap_or_default();
        let store = RedisStore::parse(&filled).map_err(|message| {
            at(format!("invalid address: {message}")).help("write `redis://127.0.0.1:6379/0?keys=session:*`")
        })?;
        if store.password.is_some_and(|password| !text.contains(&format!("{{env:{password}}}"))) {
            let help = "write `redis://:{env:NAME}@…` for a variable of the environment";
            return Err(at("a secret stands in the profile".into()).help(help));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_parsed() {
        let store = RedisStore::parse("redis://me:p%40ss@h:7000/2?keys=a:*").unwrap();
        assert_eq!(
            (store.address.as_str(), store.database, store.keys.as_deref()),
            ("h:7000", 2, Some("a:*"))
        );
        assert_eq!((store.user.as_deref(), store.password.as_deref()), (Some("me"), Some("p@ss")));
        assert_eq!(RedisStore::parse("redis://h").unwrap().address, "h:6379");
        for wrong in ["h:6379", "http://h/", "redis://h/x", "redis://h?key=a", "redis://", ""] {
            assert!(RedisStore::parse(wrong).unwrap_err().contains("expected `redis://"), "{wrong}");
        }
    }

    #[test]
    fn passwords_come_from_the_environment() {
        let read =
            |redis: &str| Profile::read("mine", "mine.toml", &format!("[state]\nredis = \"{redis}\"\n"));
        let error = read("redis://:secret@h").unwrap_err();
        assert_eq!((error.position(), error.message.as_str()), ((2, 9), "a secret stands in the profile"));
        assert!(read("h:6379").unwrap_err().message.starts_with("invalid address"));
        let mut profile = read("redis://me:{env:PASS}@h").unwrap();
        assert_eq!(profile.clone().redis_from_environment(&|_| None), Err("PASS".into()));
        profile.redis_from_environment(&|_| Some("a b@+%/".into())).unwrap();
        let store = RedisStore::parse(profile.state.redis.as_deref().unwrap()).unwrap();
        assert_eq!(store.password.as_deref(), Some("a b@+%/"));
    }
}
