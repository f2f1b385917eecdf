//! `fleet.toml`: the one file about a fleet.

use std::collections::BTreeSet;

use jiff::{civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};
use thiserror::Error;

use super::{bake::BakeRules, calendar::Calendar};
use crate::forge::ForgeKind;

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// The largest number of repositories.
const MAX_REPOSITORIES: usize = 1_000;

/// A fleet of template repositories.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fleet {
    /// Which forge it is.
    #[serde(deserialize_with = "kind")]
    #[schemars(extend("enum" = ["gitea", "forgejo", "github"]), with = "String")]
    pub forge: ForgeKind,
    /// Its address, with the path if it has one.
    pub url: String,
    /// The user or organization to whom the repositories belong.
    pub owner: String,
    /// The tool's own image, by digest. `coalmine.toml` of a repository comes before it.
    pub tool_image: Option<String>,
    /// How long each repository bakes.
    #[serde(default)]
    pub bake: BakeTable,
    /// The repositories, in the order in which they follow one another.
    #[serde(rename = "repository", default)]
    pub repositories: Vec<Repository>,
}

/// A template repository.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Repository {
    /// Its name, without the owner.
    pub name: String,
    /// The image that is built from it.
    pub image: Option<String>,
    /// The profile that judges it.
    pub profile: Option<String>,
}

/// The table `[bake]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct BakeTable {
    /// On how many business days the gate has to be green.
    business_days: usize,
    /// At how many heads of pull requests it has to be green.
    heads: usize,
    /// How many explained reds are allowed.
    max_red: usize,
    /// The zone whose days count, such as `Europe/Berlin`.
    time_zone: String,
    /// Days that are not business days, such as `2026-12-25`.
    #[schemars(with = "BTreeSet<String>")]
    holidays: BTreeSet<Date>,
}

impl Default for BakeTable {
    fn default() -> Self {
        Self { business_days: 5, heads: 5, max_red: 5, time_zone: "UTC".into(), holidays: BTreeSet::new() }
    }
}

/// Why `fleet.toml` cannot be used.
#[derive(Debug, Error)]
pub enum FleetError {
    /// It is larger than any such file.
    #[error("it has more than {MAX_BYTES} bytes")]
    TooLarge,
    /// It is not TOML, or has the wrong keys.
    #[error("{0}")]
    Toml(Box<toml::de::Error>),
    /// A value cannot be right.
    #[error("{0}")]
    Value(String),
}

impl Fleet {
    /// Reads a fleet.
    ///
    /// # Errors
    /// Returns what is wrong with the file.
    pub fn parse(text: &str) -> Result<Self, FleetError> {
        if text.len() > MAX_BYTES {
            return Err(FleetError::TooLarge);
        }
        let fleet: Self = toml::from_str(text).map_err(|error| FleetError::Toml(Box::new(error)))?;
        fleet.check().map_err(FleetError::Value)?;
        Ok(fleet)
    }

    /// Returns the rules of the bake.
    ///
    /// # Errors
    /// Fails if the time zone is unknown.
    pub fn bake_rules(&self) -> Result<BakeRules, FleetError> {
        let BakeTable { business_days, heads, max_red, time_zone, holidays } = &self.bake;
        let zone = TimeZone::get(time_zone)
            .map_err(|_| FleetError::Value(format!("`time-zone`: there is no zone `{time_zone}`")))?;
        let calendar = Calendar::new(zone, holidays.iter().copied());
        Ok(BakeRules { business_days: *business_days, heads: *heads, max_red: *max_red, calendar })
    }

    /// Returns a repository, and the one before it.
    pub fn find(&self, name: &str) -> Option<(&Repository, Option<&Repository>)> {
        let at = self.repositories.iter().position(|repository| repository.name == name)?;
        let before = at.checked_sub(1).and_then(|before| self.repositories.get(before));
        Some((self.repositories.get(at)?, before))
    }

    fn check(&self) -> Result<(), String> {
        is_name(&self.owner).then_some(()).ok_or_else(|| format!("`owner`: `{}` is no name", self.owner))?;
        if self.repositories.is_empty() {
            return Err("there is no `[[repository]]`".to_owned());
        }
        if self.repositories.len() > MAX_REPOSITORIES {
            return Err(format!("there are more than {MAX_REPOSITORIES} repositories"));
        }
        let mut seen = BTreeSet::new();
        for Repository { name, .. } in &self.repositories {
            if !is_name(name) {
                return Err(format!("`repository.name`: `{name}` is no name of a repository"));
            }
            if !seen.insert(name) {
                return Err(format!("`{name}` is there twice"));
            }
        }
        // a bake that demands nothing would let everything through
        if self.bake.business_days == 0 || self.bake.heads == 0 {
            return Err("`business-days` and `heads` must be at least 1".to_owned());
        }
        self.bake_rules().map(|_| ()).map_err(|error| error.to_string())
    }
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ForgeKind, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Returns whether a text can be the name of an owner or a repository on any forge.
pub fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=100).contains(&text.len()) && text.bytes().all(is_allowed) && !matches!(text, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLEET: &str = "forge = \"gitea\"\nurl = \"https://forge.example\"\nowner = \"acme\"\n\
                         [bake]\nheads = 3\ntime-zone = \"Europe/Berlin\"\nholidays = [\"2026-12-25\"]\n\
                         [[repository]]\nname = \"hermes\"\nprofile = \"hermes\"\n\
                         [[repository]]\nname = \"langgraph\"\n";

    #[test]
    fn reads_a_fleet_in_cascade_order() {
        let fleet = Fleet::parse(FLEET).unwrap();
        let rules = fleet.bake_rules().unwrap();
        assert_eq!((rules.business_days, rules.heads, rules.max_red), (5, 3, 5));
        let names = |name| {
            fleet
                .find(name)
                .map(|(one, before)| (one.name.as_str(), before.map(|before| before.name.as_str())))
        };
        assert_eq!(names("hermes"), Some(("hermes", None)));
        assert_eq!(names("langgraph"), Some(("langgraph", Some("hermes"))));
        assert_eq!(names("other"), None);
    }

    #[test]
    fn refuses_what_cannot_be_right() {
        for (from, to, complaint) in [
            ("acme", "ac/me", "`owner`: `ac/me` is no name"),
            ("\"langgraph\"", "\"hermes\"", "`hermes` is there twice"),
            ("\"langgraph\"", "\"..\"", "`repository.name`: `..` is no name of a repository"),
            ("Europe/Berlin", "Mars/Olympus", "`time-zone`: there is no zone `Mars/Olympus`"),
            ("heads = 3", "heads = 0", "`business-days` and `heads` must be at least 1"),
            ("heads = 3", "head = 3", "unknown field `head`"),
        ] {
            let error = Fleet::parse(&FLEET.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }
}
