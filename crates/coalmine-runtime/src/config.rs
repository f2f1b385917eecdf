//! The configuration of the runtime, which comes from its environment.

use std::{fmt, time::Duration};

use camino::Utf8PathBuf;
use url::Url;

use crate::fault::Fault;

/// The most milliseconds by which something may be slowed down.
const MAX_SLOW: u64 = 60_000;

/// The configuration of a runtime.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder for sessions and the platform's token (`COALMINE_STATE_DIR`).
    pub state_dir: Utf8PathBuf,
    /// The folder for memories (`MOLECULE_MEMORY_ROOT`, default `memory` in the state folder).
    pub memory_root: Utf8PathBuf,
    /// The folder of skills, each a folder with a `SKILL.md` (`COALMINE_SKILLS_DIR`, default `skills` in the
    /// state folder).
    pub skills_dir: Utf8PathBuf,
    /// The model provider.
    pub model: ModelConfig,
    /// The platform to register with (`PLATFORM_URL`).
    pub platform_url: Option<Url>,
    /// The workspace that the runtime serves (`WORKSPACE_ID`, default `default`).
    pub workspace: String,
    /// Whether to answer without a model, from sessions, memories and attachments (`MOLECULE_CANARY_MODE=1`).
    pub canary_mode: bool,
    /// The active fault (`COALMINE_FAULT`).
    pub fault: Option<Fault>,
    /// What takes longer than usual.
    pub slow: Slow,
}

/// What takes longer than usual, as on a busy machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slow {
    /// The time before a session is written (`COALMINE_SLOW_DISK`, in milliseconds).
    pub disk: Duration,
    /// The time before the runtime listens (`COALMINE_SLOW_START`, in milliseconds).
    pub start: Duration,
}

/// How to reach the model, which has OpenAI's chat completions API over plain HTTP.
#[derive(Clone)]
pub struct ModelConfig {
    /// The base URL with `/v1` (`OPENAI_BASE_URL`). Without it, every turn that needs the model fails and
    /// says why.
    pub base_url: Option<Url>,
    /// The bearer token (`OPENAI_API_KEY`).
    pub api_key: Option<String>,
    /// The name of the model (`OPENAI_MODEL`, default `gpt-4o-mini`).
    pub name: String,
}

/// The error for an environment variable with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid value `{value}` of `{variable}`: {problem}")]
pub struct ConfigError {
    /// The name of the variable.
    pub variable: &'static str,
    /// Its value.
    pub value: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl Config {
    /// Reads the configuration with `get`, which returns the value of a variable. An empty value counts as
    /// unset.
    ///
    /// # Errors
    /// Returns the first variable with an invalid value.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let state_dir = get("COALMINE_STATE_DIR").map_or_else(default_state_dir, Utf8PathBuf::from);
        let below = |variable, name| get(variable).map_or_else(|| state_dir.join(name), Utf8PathBuf::from);
        Ok(Self {
            memory_root: below("MOLECULE_MEMORY_ROOT", "memory"),
            skills_dir: below("COALMINE_SKILLS_DIR", "skills"),
            state_dir,
            model: ModelConfig {
                base_url: http_url("OPENAI_BASE_URL", &get)?,
                api_key: get("OPENAI_API_KEY"),
                name: get("OPENAI_MODEL").unwrap_or_else(|| "gpt-4o-mini".to_owned()),
            },
            platform_url: http_url("PLATFORM_URL", &get)?,
            workspace: get("WORKSPACE_ID").unwrap_or_else(|| "default".to_owned()),
            canary_mode: flag("MOLECULE_CANARY_MODE", &get)?,
            fault: get("COALMINE_FAULT").map(fault).transpose()?,
            slow: Slow {
                disk: milliseconds("COALMINE_SLOW_DISK", &get)?,
                start: milliseconds("COALMINE_SLOW_START", &get)?,
            },
        })
    }
}

impl fmt::Debug for ModelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key stays out of logs.
        let key = self.api_key.as_ref().map(|_| "(set)");
        f.debug_struct("ModelConfig")
            .field("base_url", &self.base_url.as_ref().map(Url::as_str))
            .field("api_key", &key)
            .field("name", &self.name)
            .finish()
    }
}

fn default_state_dir() -> Utf8PathBuf {
    let temp = Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap_or_else(|_| Utf8PathBuf::from("/tmp"));
    temp.join("coalmine-runtime")
}

fn http_url(
    variable: &'static str,
    get: &impl Fn(&str) -> Option<String>,
) -> Result<Option<Url>, ConfigError> {
    let Some(value) = get(variable) else { return Ok(None) };
    let problem = match Url::parse(&value) {
        Ok(url) if url.scheme() == "http" && url.has_host() => return Ok(Some(url)),
        Ok(_) => "expected an `http://` URL".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(ConfigError { variable, value, problem })
}

fn flag(variable: &'static str, get: &impl Fn(&str) -> Option<String>) -> Result<bool, ConfigError> {
    match get(variable).as_deref() {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(value) => {
            Err(ConfigError { variable, value: value.to_owned(), problem: "expected `1` or `0`".to_owned() })
        }
    }
}

fn milliseconds(
    variable: &'static str,
    get: &impl Fn(&str) -> Option<String>,
) -> Result<Duration, ConfigError> {
    let Some(value) = get(variable) else { return Ok(Duration::ZERO) };
    let time = value.parse().ok().filter(|time| *time <= MAX_SLOW).map(Duration::from_millis);
    time.ok_or(ConfigError {
        variable,
        value,
        problem: format!("expected a number of milliseconds, at most {MAX_SLOW}"),
    })
}

fn fault(value: String) -> Result<Fault, ConfigError> {
    Fault::parse(&value).map_err(|error| ConfigError {
        variable: "COALMINE_FAULT",
        value,
        problem: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_env(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn empty_environment_gives_the_defaults() {
        let config = config(&[("WORKSPACE_ID", "")]).unwrap();
        assert!(config.state_dir.ends_with("coalmine-runtime"));
        assert_eq!(config.memory_root, config.state_dir.join("memory"));
        assert_eq!(config.skills_dir, config.state_dir.join("skills"));
        assert_eq!((config.workspace.as_str(), config.model.name.as_str()), ("default", "gpt-4o-mini"));
        assert!(!config.canary_mode && config.fault.is_none() && config.platform_url.is_none());
    }

    #[test]
    fn reads_variables() {
        let config = config(&[
            ("COALMINE_STATE_DIR", "/data"),
            ("COALMINE_SKILLS_DIR", "/skills"),
            ("OPENAI_BASE_URL", "http://world:9/v1"),
            ("MOLECULE_CANARY_MODE", "1"),
            ("COALMINE_FAULT", "session.global"),
            ("COALMINE_SLOW_DISK", "5"),
        ])
        .unwrap();
        assert_eq!(config.memory_root, "/data/memory");
        assert_eq!(config.skills_dir, "/skills");
        assert_eq!(config.model.base_url.unwrap().as_str(), "http://world:9/v1");
        assert!(config.canary_mode);
        assert_eq!(config.fault, Some(Fault::SessionGlobal));
        assert_eq!(config.slow, Slow { disk: Duration::from_millis(5), start: Duration::ZERO });
    }

    #[test]
    fn error_names_the_variable_and_its_value() {
        for (name, value) in [
            ("OPENAI_BASE_URL", "not a url"),
            ("PLATFORM_URL", "https://platform"),
            ("MOLECULE_CANARY_MODE", "yes"),
            ("COALMINE_FAULT", "session.globe"),
            ("COALMINE_SLOW_DISK", "slow"),
            ("COALMINE_SLOW_START", "60001"),
        ] {
            let error = config(&[(name, value)]).unwrap_err();
            assert_eq!(error.variable, name);
            assert!(
                error.to_string().starts_with(&format!("invalid value `{value}` of `{name}`: ")),
                "{error}"
            );
        }
    }

    #[test]
    fn debug_output_hides_the_key() {
        let config = config(&[("OPENAI_API_KEY", "very-secret")]).unwrap();
        assert!(!format!("{config:?}").contains("very-secret"));
    }
}
