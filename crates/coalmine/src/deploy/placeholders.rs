//! The placeholders in braces in a profile or a command.

use url::Url;

/// The values of `{world} {port} {state} {memory} {run} {workspace} {token}`.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    /// The base URL of the world, without a trailing slash.
    pub world: String,
    /// The port on which the runtime is to listen.
    pub port: u16,
    /// A folder that the runtime may write to.
    pub state: String,
    /// The folder of the runtime's memories.
    pub memory: String,
    /// The run's id.
    pub run: String,
    /// The workspace: `canary-<run>`.
    pub workspace: String,
    /// The token, new for each run.
    pub token: String,
}

impl Placeholders {
    /// Returns the same values for a runtime that listens at a URL.
    pub(super) fn at(&self, base: &Url) -> Self {
        Self { port: base.port_or_known_default().unwrap_or_default(), ..self.clone() }
    }

    /// Fills in a text; braces with other names stay as they are.
    pub fn apply(&self, text: &str) -> String {
        let port = self.port.to_string();
        let known = [
            ("{world}", self.world.as_str()),
            ("{port}", &port),
            ("{state}", &self.state),
            ("{memory}", &self.memory),
            ("{run}", &self.run),
            ("{workspace}", &self.workspace),
            ("{token}", &self.token),
        ];
        known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// Returns the runtime's variables: those that every target gets, then the profile's.
    pub(super) fn environment(&self, profile: &crate::plan::Profile) -> Vec<(String, String)> {
        let own = [
            ("PORT", self.port.to_string()),
            ("COALMINE_WORLD_URL", self.world.clone()),
            ("COALMINE_STATE_DIR", self.state.clone()),
            ("COALMINE_RUN_ID", self.run.clone()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(profile.env.iter().map(|(name, value)| (name.clone(), self.apply(value)))).collect()
    }
}
