//! The forge that files are judged for, with its version.

use std::{fmt, str::FromStr};

use super::version::{STEPS, Server, Version};

/// A forge and its versions, such as `gitea@1.22.6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// All versions of Gitea that the lint knows: 1.22 to 1.27.
    AnyGitea,
    /// Gitea of a minor version (`1.26`) with any patch.
    GiteaMinor(Version),
    /// Gitea of exactly one version.
    Gitea(Version),
    /// Forgejo of a major version. No server was measured: it is judged as every Gitea since its fork, and what only some of them do
    /// is a warning.
    Forgejo(u16),
    /// GitHub.
    Github,
}

impl Target {
    /// Returns the target of a file by its folder: GitHub for `.github`, Forgejo for `.forgejo`, else Gitea. A file in another folder
    /// whose name ends in `.github.yml` is for GitHub as well.
    pub fn of_path(path: &str) -> Self {
        let path = path.replace('\\', "/");
        let is_in = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
        let is_named = path.ends_with(".github.yml") || path.ends_with(".github.yaml");
        if is_in(".forgejo/") {
            Self::Forgejo(15)
        } else if is_in(".github/") || (is_named && !is_in(".gitea/")) {
            Self::Github
        } else {
            Self::AnyGitea
        }
    }

    /// Returns the servers that stand for the target: one for each of its versions that a rule distinguishes.
    pub fn servers(self) -> Vec<Server> {
        match self {
            Self::Github => vec![Server::Github],
            Self::Gitea(version) => vec![Server::Gitea(version)],
            Self::GiteaMinor(minor) => {
                let next = Version::new(minor.major, minor.minor + 1, 0);
                let steps = STEPS.into_iter().filter(|step| *step > minor && *step < next);
                std::iter::once(minor).chain(steps).map(Server::Gitea).collect()
            }
            Self::AnyGitea | Self::Forgejo(_) => STEPS.into_iter().map(Server::Gitea).collect(),
        }
    }

    /// Returns the folders that the forge reads workflows from. It takes the first that exists, and ignores the others.
    pub fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Github => &[".github/workflows"],
            Self::Forgejo(_) => &[".forgejo/workflows", ".gitea/workflows", ".github/workflows"],
            _ => &[".gitea/workflows", ".github/workflows"],
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyGitea => write!(f, "Gitea 1.22 to 1.27"),
            Self::GiteaMinor(version) | Self::Gitea(version) => write!(f, "Gitea {version}"),
            Self::Forgejo(major) => write!(f, "Forgejo {major}"),
            Self::Github => write!(f, "GitHub"),
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        match (name, version) {
            ("gitea", None) => Ok(Self::AnyGitea),
            ("gitea", Some(text)) => gitea(text),
            ("forgejo", None) => Ok(Self::Forgejo(15)),
            ("forgejo", Some(text)) => {
                let major = text.split('.').next().unwrap_or_default();
                let major = major
                    .parse()
                    .map_err(|_| format!("invalid version `{text}`: expected a number such as `15`"))?;
                Ok(Self::Forgejo(major))
            }
            ("github", None) => Ok(Self::Github),
            ("github", Some(_)) => Err("`github` has no version".to_owned()),
            _ => Err(format!("unknown forge `{name}`: expected `gitea`, `forgejo` or `github`")),
        }
    }
}

fn gitea(text: &str) -> Result<Target, String> {
    let version: Version = text.parse()?;
    if version < STEPS[0] {
        return Err(format!("Gitea {version} is not supported: expected 1.22 or later"));
    }
    Ok(if text.matches('.').count() == 1 { Target::GiteaMinor(version) } else { Target::Gitea(version) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        assert_eq!("gitea@1.22.6".parse(), Ok(Target::Gitea(Version::new(1, 22, 6))));
        assert_eq!("gitea@1.27".parse(), Ok(Target::GiteaMinor(Version::new(1, 27, 0))));
        assert_eq!("forgejo@15".parse(), Ok(Target::Forgejo(15)));
        assert_eq!("github".parse(), Ok(Target::Github));
        for wrong in
            ["gitea@", "gitea@1", "gitea@1.21", "gitea@1.2.3.4", "forgejo@x", "gitlab", "github@3", ""]
        {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_minor_version_covers_its_patches() {
        let minor: Target = "gitea@1.26".parse().unwrap();
        assert_eq!(minor.servers(), [Version::new(1, 26, 0), Version::new(1, 26, 3)].map(Server::Gitea));
        let exact: Target = "gitea@1.26.2".parse().unwrap();
        assert_eq!(exact.servers(), [Server::Gitea(Version::new(1, 26, 2))]);
    }

    #[test]
    fn the_folder_decides() {
        assert_eq!(Target::of_path(".gitea/workflows/a.yml"), Target::AnyGitea);
        assert_eq!(Target::of_path("/x/.github/workflows/a.yml"), Target::Github);
        assert_eq!(Target::of_path("x/.forgejo/workflows/a.yml"), Target::Forgejo(15));
        assert_eq!(Target::of_path("my.github/workflows/a.yml"), Target::AnyGitea);
        assert_eq!(Target::of_path("templates/gate.github.yml"), Target::Github);
        assert_eq!(Target::of_path("templates/gate.yml"), Target::AnyGitea);
    }
}
