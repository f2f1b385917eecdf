//! The environment, the terminal and the clock. Nothing else reads them.

use std::io::IsTerminal;

use coalmine::{deploy::HostEnvironment, plan::Date};

use crate::arguments::Color;

/// What a command needs to know about its process.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Whether stderr is colored.
    pub(crate) color: bool,
    /// Whether stderr is a terminal.
    pub(crate) terminal: bool,
    /// Whether the process is part of a CI job.
    pub(crate) ci: bool,
    /// The columns of the terminal; 0 if unknown.
    pub(crate) width: usize,
    /// The current time in UTC, as in RFC 3339.
    pub(crate) started_at: String,
    /// The current time for names, such as `20261121-024100`.
    pub(crate) stamp: String,
    /// The current day in UTC.
    pub(crate) today: Date,
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
        // tests set the time to see what happens on another day
        let given = std::env::var("COALMINE_NOW").ok().and_then(|now| now.parse().ok());
        let now: jiff::Timestamp = given.unwrap_or_else(jiff::Timestamp::now);
        let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        Self {
            color,
            terminal,
            ci: is_set("CI"),
            width: columns.unwrap_or(if terminal { 110 } else { 0 }),
            started_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            stamp: zoned.strftime("%Y%m%d-%H%M%S").to_string(),
            today: Date::new(zoned.year(), zoned.month(), zoned.day()),
            host: HostEnvironment::new(std::env::vars_os()),
        }
    }
}

fn is_dumb() -> bool {
    std::env::var("TERM").is_ok_and(|term| term == "dumb")
}
