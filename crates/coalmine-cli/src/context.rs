//! The environment, the terminal and the clock. Nothing else reads them.

use std::io::IsTerminal;

use camino::Utf8PathBuf;
use coalmine::{deploy::HostEnvironment, plan::Date};
use coalmine_gate::forge::Token;
use coalmine_report::Ci;

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
    /// The CI system whose job this is.
    pub(crate) ci_system: Ci,
    /// The file to which a job on GitHub adds its summary.
    pub(crate) step_summary: Option<Utf8PathBuf>,
    /// Whether the locale has no UTF-8, so that signs beyond ASCII cannot be shown.
    pub(crate) ascii: bool,
    /// The columns of the terminal, 80 if unknown.
    pub(crate) width: usize,
    /// The current time in UTC, as in RFC 3339.
    pub(crate) started_at: String,
    /// The current time for names, such as `20261121-024100`.
    pub(crate) stamp: String,
    /// The current day in UTC.
    pub(crate) today: Date,
    /// The current time.
    pub(crate) now: jiff::Timestamp,
    /// The token of the forge.
    pub(crate) forge_token: Option<Token>,
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
            ci_system: ci_system(|name| std::env::var(name).ok()),
            step_summary: std::env::var("GITHUB_STEP_SUMMARY")
                .ok()
                .filter(|path| !path.is_empty())
                .map(Utf8PathBuf::from),
            ascii: is_ascii(|name| std::env::var(name).ok()),
            width: columns.or_else(terminal_width).unwrap_or(80),
            started_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            stamp: zoned.strftime("%Y%m%d-%H%M%S").to_string(),
            today: Date::new(zoned.year(), zoned.month(), zoned.day()),
            now,
            forge_token: std::env::var("COALMINE_FORGE_TOKEN").ok().as_deref().and_then(Token::new),
            host: HostEnvironment::new(std::env::vars_os()),
        }
    }
}

impl Context {
    /// Returns whether a person can see what changes on the screen.
    pub(crate) fn is_watched(&self) -> bool {
        self.terminal && !self.ci
    }
}

/// Returns the CI system that the variables name. Gitea says that it is GitHub as well.
fn ci_system(variable: impl Fn(&str) -> Option<String>) -> Ci {
    let is = |name: &str| variable(name).as_deref() == Some("true");
    if is("GITEA_ACTIONS") {
        Ci::Gitea
    } else if is("GITHUB_ACTIONS") {
        Ci::Github
    } else if is("GITLAB_CI") {
        Ci::Gitlab
    } else {
        Ci::None
    }
}

/// Returns whether the locale that the variables name has no UTF-8. Without any of them, UTF-8 is assumed: most containers
/// set none, and their logs are UTF-8.
fn is_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

fn terminal_width() -> Option<usize> {
    let (_, columns) = console::Term::stderr().size_checked()?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

fn is_dumb() -> bool {
    std::env::var("TERM").is_ok_and(|term| term == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_locale() {
        let ascii = |all: &[(&str, &str)]| {
            is_ascii(|name| {
                all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(!ascii(&[]));
        assert!(!ascii(&[("LANG", "en_US.UTF-8")]) && !ascii(&[("LANG", "C.utf8")]));
        assert!(ascii(&[("LANG", "C")]) && ascii(&[("LC_CTYPE", "POSIX"), ("LANG", "C.UTF-8")]));
        assert!(ascii(&[("LC_ALL", "C"), ("LC_CTYPE", "en_US.UTF-8")]));
        assert!(!ascii(&[("LC_ALL", ""), ("LANG", "en_US.UTF-8")]));
    }
}
