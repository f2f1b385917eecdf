//! What a repository contains. Its files may come from anybody, so they are only parsed, and within bounds.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    family::{self, Family},
    forge::Forge,
};
use crate::{failure::Failure, project::Root};

/// Where a Dockerfile is looked for.
const DOCKERFILES: [&str; 3] = ["Dockerfile", "docker/Dockerfile", "Containerfile"];

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    /// The Dockerfile.
    pub(super) dockerfile: Option<Utf8PathBuf>,
    /// The first port that its last stage exposes.
    pub(super) port: Option<u16>,
    /// The frameworks, of which there should be one.
    pub(super) families: Vec<Family>,
    /// The host of the git remote.
    pub(super) remote: Option<String>,
}

impl Found {
    /// Reads the files of a repository.
    ///
    /// # Errors
    /// One of them is a link that leads out of the repository, is too long, or is not UTF-8.
    pub(super) fn in_repository(root: &Root) -> Result<Self, Failure> {
        let text = |name: &str| -> Result<String, Failure> {
            let path = Utf8Path::new(name);
            if root.file_if_any(path)?.is_some() { root.read(path) } else { Ok(String::new()) }
        };
        let dockerfile = DOCKERFILES.into_iter().find(|name| root.has((*name).into()));
        let docker = dockerfile.map_or(Ok(String::new()), text)?;
        let mut packages: BTreeSet<String> = family::requirements(&text("requirements.txt")?).collect();
        packages.extend(family::pyproject(&text("pyproject.toml")?));
        packages.extend(family::package_json(&text("package.json")?));
        packages.extend(family::dockerfile(&docker));
        // in a linked worktree `.git` is a file
        let git = Utf8Path::new(".git/config");
        let config = if root.has(git) && root.file(git).is_ok() { root.read(git)? } else { String::new() };
        Ok(Self {
            dockerfile: dockerfile.map(Utf8PathBuf::from),
            port: exposed(&docker),
            families: family::families(&packages),
            remote: remote_host(&config),
        })
    }

    /// Returns the framework, if there is exactly one.
    pub(super) fn family(&self) -> Option<Family> {
        self.families.first().filter(|_| self.families.len() == 1).copied()
    }

    /// Returns what was found, in words.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![];
        lines.extend(self.dockerfile.iter().map(|path| format!("{path}, from which the image is built")));
        lines.extend(self.port.map(|port| format!("port {port}, which it exposes")));
        lines.extend(self.families.iter().map(|family| match family.profile {
            Some(profile) => format!("{}, which has the profile `{profile}`", family.name),
            None => format!("{}, which has no profile of its own", family.name),
        }));
        lines
    }

    /// Returns what a person has to decide, in words.
    pub(super) fn open(&self, has_tool: bool, forge: Forge) -> Vec<String> {
        let mut open = vec![];
        if self.dockerfile.is_none() {
            open.push("which image is judged: set `build` or `image` in coalmine.toml".to_owned());
        }
        if self.port.is_none() {
            open.push("the port: 8000 unless `port` says otherwise".to_owned());
        }
        match (self.families.len(), self.family().and_then(|family| family.profile)) {
            (_, Some(_)) => {}
            (0 | 1, None) => {
                open.push(
                    "the profile: `generic`, so what it cannot know is skipped; docs/profiles.md".to_owned(),
                );
            }
            (_, None) => open.push("the profile, because there are several frameworks".to_owned()),
        }
        if !has_tool {
            open.push("`tool-image` in coalmine.toml, without which the gate cannot judge".to_owned());
        }
        if forge == Forge::Github {
            open.push(
                "the owner and the commit of coalmine in the workflow, if they are not set yet".to_owned(),
            );
        }
        open
    }
}

/// Returns the first port that the last stage of a Dockerfile exposes.
fn exposed(dockerfile: &str) -> Option<u16> {
    let mut port = None;
    for line in dockerfile.lines() {
        let mut words = line.split_whitespace();
        match words.next().map(str::to_ascii_uppercase).as_deref() {
            Some("FROM") => port = None,
            Some("EXPOSE") if port.is_none() => {
                port = words.next().and_then(|word| word.trim_end_matches("/tcp").parse().ok());
            }
            _ => {}
        }
    }
    port.filter(|port| *port > 0)
}

/// Returns the host of the remote `origin`, without the credentials that a URL may have.
fn remote_host(config: &str) -> Option<String> {
    let (_, section) = config.split_once("[remote \"origin\"]")?;
    let lines = section.lines().skip(1).take_while(|line| !line.trim_start().starts_with('['));
    let url = lines
        .filter_map(|line| line.trim().strip_prefix("url")?.trim_start().strip_prefix('='))
        .next()?
        .trim();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    (!host.is_empty() && host.chars().all(fits)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_of_the_last_stage_counts() {
        assert_eq!(exposed("FROM a\nEXPOSE 1\nFROM b\n  expose 8080/tcp 9090\nEXPOSE 7\n"), Some(8080));
        for none in
            ["FROM a\nEXPOSE 1\nFROM b\n", "EXPOSE $PORT\n", "EXPOSE 0\n", "EXPOSE 70000\n", "# EXPOSE 1\n"]
        {
            assert_eq!(exposed(none), None, "{none}");
        }
    }

    #[test]
    fn remote_has_a_host_and_no_credentials() {
        for (url, host) in [
            ("https://user:token@Git.example.org:3000/a/b.git", Some("git.example.org")),
            ("git@github.com:a/b.git", Some("github.com")),
            ("ssh://git@gitea.local:2222/a/b", Some("gitea.local")),
            ("/srv/git/a", None),
            ("https://a\u{1b}[31m/b", None),
        ] {
            let config = format!(
                "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = {url}\n\tfetch = x\n[a]\nurl = y\n"
            );
            assert_eq!(remote_host(&config).as_deref(), host, "{url}");
        }
        assert_eq!(remote_host("[remote \"other\"]\nurl = https://a/b\n"), None);
    }
}
