//! What is read from outside: environment, terminal, clock. Nobody else reads it.

use std::io::IsTerminal;

use coalmine::deploy::HostEnvironment;

use crate::arguments::Color;

/// The surroundings of this process.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Colours on stderr.
    pub(crate) color: bool,
    /// Whether a person watches stderr.
    pub(crate) terminal: bool,
    /// Whether this is a CI job.
    pub(crate) ci: bool,
    /// Columns of the terminal; 0 when unknown.
    pub(crate) width: usize,
    /// Now, RFC 3339, UTC.
    pub(crate) started_at: String,
    /// Now, for names: `20261121-024100`.
    pub(crate) stamp: String,
    /// The environment variables, for what the engine starts.
    pub(crate) host: HostEnvironment,
}

impl Context {
    pub(crate) fn read(color: Color) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let terminal = std::io::stderr().is_terminal();
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !is_set("NO_COLOR") && (is_set("CLICOLOR_FORCE") || (terminal && !is_dumb())),
        };
        let now = jiff::Timestamp::now();
        let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        Self {
            color,
            terminal,
            ci: is_set("CI"),
            width: columns.unwrap_or(if terminal { 110 } else { 0 }),
            started_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            stamp: zoned.strftime("%Y%m%d-%H%M%S").to_string(),
            host: HostEnvironment::new(std::env::vars_os()),
        }
    }
}

fn is_dumb() -> bool {
    std::env::var("TERM").is_ok_and(|term| term == "dumb")
}
