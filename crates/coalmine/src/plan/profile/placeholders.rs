//! Placeholders in braces, such as `{state}`: where they are filled in, and where they make no sense.

use super::Profile;
use crate::plan::{did_you_mean, problem::Problem};

/// The placeholders of a profile.
pub(crate) const PLACEHOLDERS: [&str; 7] = ["world", "port", "state", "memory", "run", "workspace", "token"];

/// What braces mean in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Braces {
    /// Placeholders are filled in, and other braces stay, as in JSON or a shell.
    Free,
    /// Every word in braces must be a placeholder.
    Strict,
    /// Nothing is filled in.
    Plain,
}

/// A text of a profile.
struct ProfileText<'a> {
    /// The key, as docs/profiles.md names it.
    key: &'static str,
    /// The keys and indexes that lead to the text.
    path: String,
    text: &'a str,
    braces: Braces,
}

impl Profile {
    /// Checks that placeholders stand where they are filled in, and are spelled right.
    pub(super) fn check_placeholders(&self) -> Result<(), Problem> {
        self.texts().iter().try_for_each(ProfileText::check)
    }

    /// Returns all texts of the profile in which a placeholder may stand or may be expected to.
    fn texts(&self) -> Vec<ProfileText<'_>> {
        let mut all = vec![];
        let mut add = |key, path: String, text, braces| all.push(ProfileText { key, path, text, braces });
        for (key, text, braces) in [
            ("image", &self.image, Braces::Plain),
            ("command", &self.command, Braces::Free),
            ("ready.http", &self.ready.http, Braces::Strict),
            ("rpc", &self.rpc, Braces::Strict),
            ("memory.root", &self.memory.root, Braces::Strict),
            ("skills.folder", &self.skills.folder, Braces::Strict),
            ("state.http", &self.state.http, Braces::Strict),
            ("state.redis", &self.state.redis, Braces::Strict),
        ] {
            if let Some(text) = text {
                add(key, key.replace('.', "/"), text, braces);
            }
        }
        let lists: [(_, &[String], _); 4] = [
            ("session.volumes", &self.session.volumes, Braces::Strict),
            ("state.files", &self.state.files, Braces::Strict),
            ("state.sqlite", &self.state.sqlite, Braces::Strict),
            ("state.exec", &self.state.exec, Braces::Free),
        ];
        for (key, texts, braces) in lists {
            for (at, text) in texts.iter().enumerate() {
                add(key, format!("{}/{at}", key.replace('.', "/")), text, braces);
            }
        }
        for (key, texts, braces) in [("env", &self.env, Braces::Free), ("files", &self.files, Braces::Free)] {
            for (name, text) in texts {
                add(key, format!("{key}/{name}"), text, braces);
            }
        }
        for (role, tools) in &self.tools {
            add("tools", format!("tools/{role}"), &tools.pattern, Braces::Plain);
        }
        all
    }
}

impl ProfileText<'_> {
    fn check(&self) -> Result<(), Problem> {
        for name in names(self.text) {
            let written = format!("{{{name}}}");
            let is_known = PLACEHOLDERS.contains(&name);
            let problem = |message: String| Problem::at(self.path.clone(), message).needle(written.clone());
            if self.braces == Braces::Plain && is_known {
                let message = format!("`{written}` is not filled in in `{}`", self.key);
                return Err(problem(message).help("write the value itself"));
            }
            if self.braces == Braces::Strict && !is_known {
                let help = did_you_mean(name, PLACEHOLDERS);
                return Err(problem(format!("unknown placeholder `{written}`")).help(help));
            }
            if self.key == "memory.root" && name == "memory" {
                let help = "write a folder, such as `{state}/mem`";
                return Err(problem("`{memory}` is this folder itself".into()).help(help));
            }
        }
        Ok(())
    }
}

/// Returns the words in braces: lower-case letters, digits and hyphens.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).filter(is_name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn refused(line: &str) -> (String, String) {
        let error = Profile::read("mine", "mine.toml", line).unwrap_err();
        (error.message, error.help.unwrap_or_default())
    }

    #[test]
    fn placeholders_are_refused_where_they_make_no_sense() {
        let known = "expected one of `world`, `port`, `state`, `memory`, `run`, `workspace`, `token`";
        for (line, message, help) in [
            ("image = \"agent:{run}\"", "`{run}` is not filled in in `image`", "write the value itself"),
            ("tools.skill = \"{state}\"", "`{state}` is not filled in in `tools`", "write the value itself"),
            ("memory.root = \"{stat}/mem\"", "unknown placeholder `{stat}`", "did you mean `state`?"),
            ("state.files = [\"/a\", \"{x}/b\"]", "unknown placeholder `{x}`", known),
            (
                "memory.root = \"{memory}\"",
                "`{memory}` is this folder itself",
                "write a folder, such as `{state}/mem`",
            ),
        ] {
            assert_eq!(refused(line), (message.to_owned(), help.to_owned()), "{line}");
        }
        for line in [
            "memory.root = \"{state}/mem\"",
            "state.exec = [\"sh\", \"-c\", \"awk '{print}' {state}/log\"]",
            "tools.skill = \"skill{1,2}\"",
            "env = { A = \"{\\\"a\\\": {b}}\" }",
        ] {
            assert!(Profile::read("mine", "mine.toml", line).is_ok(), "{line}");
        }
    }

    #[test]
    fn guide_lists_the_keys_that_are_filled_in() {
        let text = "image = \"a\"\ncommand = \"a\"\nrpc = \"/\"\nready.http = \"/\"\nmemory.root = \"/m\"\n\
                    skills.folder = \"/s\"\nsession.volumes = [\"/v\"]\nfiles = { \"/f\" = \"x\" }\n\
                    state = { files = [\"/s\"], sqlite = \"/s.db\", redis = \"redis://h\", exec = [\"x\"] }\n";
        let profile = Profile::read("mine", "mine.toml", text).unwrap();
        let texts = profile.texts();
        let filled: BTreeSet<_> =
            texts.iter().filter(|text| text.braces != Braces::Plain).map(|text| text.key).collect();
        let guide = include_str!("../../../../../docs/profiles.md");
        let (_, list) = guide.split_once("are filled in in these keys:\n\n").unwrap();
        let listed: BTreeSet<_> =
            list.split("\n\n").next().unwrap().lines().filter_map(|line| line.split('`').nth(1)).collect();
        assert_eq!(listed, filled);
        let (_, names) = guide.split_once("These placeholders are filled in").unwrap();
        assert!(PLACEHOLDERS.iter().all(|name| names.contains(&format!("| `{{{name}}}` |"))));
    }
}
